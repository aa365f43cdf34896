namespace Graph.Models.Puzzles;

/// <summary>Reads <c>question,answer</c> files (with a header, other columns welcome, no quoting) as in the TRM data sets.</summary>
public static class SudokuCsv
{
    /// <exception cref="GraphException">The file or a line is not what is expected: <c>file:line: field, expected ...</c>.</exception>
    public static List<SudokuPuzzle> Read(string path, SudokuShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return PuzzleCsv.Read(path, lines => Parse(path, lines, shape));
    }

    /// <summary>Reads from memory.</summary>
    /// <param name="file">Name for messages.</param>
    /// <param name="text">The content, UTF-8.</param>
    /// <param name="shape">Of all its puzzles.</param>
    /// <exception cref="GraphException">A line is not what is expected.</exception>
    public static List<SudokuPuzzle> Parse(string file, ReadOnlyMemory<byte> text, SudokuShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return Parse(file, InputFile.Lines(text), shape);
    }

    private static List<SudokuPuzzle> Parse(string path, IEnumerable<string> lines, SudokuShape shape)
    {
        var puzzles = new List<SudokuPuzzle>();
        foreach (var row in PuzzleCsv.Rows(path, lines))
        {
            var given = Cells(row.Question, shape, blanks: true, path, row.Line, "question");
            var solved = Cells(row.Answer, shape, blanks: false, path, row.Line, "answer");
            if (!shape.IsSolved(solved))
            {
                throw PuzzleCsv.Bad(path, row.Line, "answer", "every digit once in each row, column and box");
            }

            for (var cell = 0; cell < given.Length; cell++)
            {
                if (given[cell] != 0 && given[cell] != solved[cell])
                {
                    throw PuzzleCsv.Bad(path, row.Line, "answer", $"the question's {given[cell]} in cell {cell}, found {solved[cell]}");
                }
            }

            puzzles.Add(new SudokuPuzzle(given, solved, row.Rating));
        }

        return puzzles;
    }

    private static byte[] Cells(string text, SudokuShape shape, bool blanks, string path, int line, string field)
    {
        if (text.Length != shape.Cells)
        {
            throw PuzzleCsv.Bad(path, line, field, $"{shape.Cells} characters, found {text.Length}");
        }

        var cells = new byte[text.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            var blank = text[i] is '.' or '0';
            if (blank ? !blanks : text[i] < '1' || text[i] > '0' + shape.N)
            {
                throw PuzzleCsv.Bad(path, line, field, $"a digit 1 to {shape.N}{(blanks ? " or ." : "")} at character {i + 1}, found '{text[i]}'");
            }

            cells[i] = blank ? (byte)0 : (byte)(text[i] - '0');
        }

        return cells;
    }
}
