using Graph.Models.Puzzles;
using Graph.Samples.Commands;

namespace Graph.Samples.Sudoku;

/// <summary>Answers one puzzle, and says whether the answer solves it.</summary>
internal static class SudokuSolution
{
    public static void Print(string text, string source, Solver solver, Terminal terminal)
    {
        var cells = text.Where(character => !char.IsWhiteSpace(character)).ToArray();
        var shape = cells.Length is 16 or 36 or 81
            ? SudokuShape.Of((int)Math.Sqrt(cells.Length))
            : throw new GraphException($"{source}: expected 81, 36 or 16 cells, found {cells.Length}.");
        var question = new byte[cells.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            question[i] = cells[i] is '.' or '0' ? (byte)0
                : cells[i] >= '1' && cells[i] <= '0' + shape.N ? (byte)(cells[i] - '0')
                : throw new GraphException($"{source}: expected a digit 1 to {shape.N}, . or 0 in cell {i + 1}, found '{cells[i]}'.");
        }

        var tokens = new int[cells.Length];
        SudokuTokens.Encode(question, tokens);
        var answer = Array.ConvertAll(solver.Predict(tokens, shape.Vocabulary), SudokuTokens.Digit);
        var legality = SudokuLegality.Of(shape, question, answer);
        terminal.Out.Write(Screen.SideBySide(shape, question, answer));
        terminal.Out.WriteLine(legality.Solves
            ? "solved"
            : $"not solved: {legality.BrokenUnits} of {3 * shape.N} rows, columns and boxes lack a digit{(legality.KeepsGivens ? "" : ", and givens were changed")}");
    }
}
