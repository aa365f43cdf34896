using Graph.Models.Puzzles;
using Graph.Samples.Commands;
using MazePuzzle = Graph.Models.Puzzles.Maze;

namespace Graph.Samples.Maze;

/// <summary>Answers one maze, and says whether the answer is a path.</summary>
internal static class MazeSolution
{
    public static void Print(string text, string source, Solver solver, Terminal terminal)
    {
        var tokens = Tokens(text, source);
        var answer = solver.Predict(tokens, MazePuzzle.Vocabulary);
        var path = MazePath.Of(tokens, answer);
        var side = (int)Math.Sqrt(tokens.Length);
        for (var row = 0; row < side; row++)
        {
            // A pad is no cell of a maze; a model may predict it all the same.
            terminal.Out.WriteLine(string.Concat(answer.Skip(row * side).Take(side).Select(token => token == 0 ? '?' : MazePuzzle.Characters[token - 1])));
        }

        terminal.Out.WriteLine(path.IsShortest
            ? $"a shortest path of {path.Marked + 1} moves"
            : path.IsPath ? $"a path of {path.Marked + 1} moves; a shortest one has {path.ShortestMarked + 1}" : path.KeepsMaze ? "no path from S to G" : "no path: the maze itself was changed");
    }

    private static int[] Tokens(string text, string source)
    {
        // Spaces are cells, also at the ends of lines; editors cut those off, so short lines are filled.
        var lines = text.ReplaceLineEndings("\n").Trim('\n').Split('\n');
        var side = lines.Length == 1 ? 0 : lines.Length;
        var cells = side == 0 ? lines[0] : string.Concat(lines.Select(line => line.PadRight(side)));
        if (side > 0 && cells.Length != side * side)
        {
            throw new GraphException($"{source}: expected {side} characters in each of its {side} lines, found {lines.Max(line => line.Length)}.");
        }

        var tokens = new int[cells.Length];
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = MazePuzzle.Characters.IndexOf(cells[i], StringComparison.Ordinal) + 1;
            if (tokens[i] is 0 or MazePuzzle.Path)
            {
                throw new GraphException($"{source}: expected #, space, S or G at character {i + 1}, found '{cells[i]}'.");
            }
        }

        var square = (int)Math.Sqrt(tokens.Length);
        return square * square == tokens.Length && tokens.Count(token => token == MazePuzzle.Start) == 1 && tokens.Count(token => token == MazePuzzle.Goal) == 1
            ? tokens
            : throw new GraphException($"{source}: expected a square maze with one S and one G, found {tokens.Length} characters.");
    }
}
