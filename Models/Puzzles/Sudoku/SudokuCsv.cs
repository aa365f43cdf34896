namespace Graph.Models.Puzzles;

/// <summary>Reads <c>question,answer</c> files (with a header, other columns welcome, no quoting) as in the TRM data sets.</summary>
public static class SudokuCsv
{
    /// <exception cref="GraphException">The file or a line is not what is expected: <c>file:line: field, expected ...</c>.</exception>
    public static List<SudokuPuzzle> Read(string path, SudokuShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        try
        {
            return Parse(File.ReadLines(path), path, shape);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GraphException($"{path}: cannot be read: {e.Message}");
        }
    }

    private static List<SudokuPuzzle> Parse(IEnumerable<string> lines, string path, SudokuShape shape)
    {
        var puzzles = new List<SudokuPuzzle>();
        var (number, width, question, answer, rating) = (0, 0, -1, -1, -1);
        foreach (var line in lines)
        {
            number++;
            var fields = line.Split(',');
            if (number == 1)
            {
                width = fields.Length;
                question = Array.IndexOf(fields, "question");
                answer = Array.IndexOf(fields, "answer");
                rating = Array.IndexOf(fields, "rating");
                if (question < 0 || answer < 0)
                {
                    throw Bad(path, number, "header", $"columns named question and answer, found '{Short(line)}'");
                }

                continue;
            }

            if (line.Length == 0)
            {
                continue;
            }

            if (fields.Length != width)
            {
                throw Bad(path, number, "line", $"{width} fields as in the header, found {fields.Length}");
            }

            var given = Cells(fields[question], shape, blanks: true, path, number, "question");
            var solved = Cells(fields[answer], shape, blanks: false, path, number, "answer");
            if (!shape.IsSolved(solved))
            {
                throw Bad(path, number, "answer", "every digit once in each row, column and box");
            }

            for (var cell = 0; cell < given.Length; cell++)
            {
                if (given[cell] != 0 && given[cell] != solved[cell])
                {
                    throw Bad(path, number, "answer", $"the question's {given[cell]} in cell {cell}, found {solved[cell]}");
                }
            }

            var difficulty = 0;
            if (rating >= 0 && !int.TryParse(fields[rating], out difficulty))
            {
                throw Bad(path, number, "rating", $"a whole number, found '{Short(fields[rating])}'");
            }

            puzzles.Add(new SudokuPuzzle(given, solved, difficulty));
        }

        return number == 0 ? throw Bad(path, 1, "header", "columns named question and answer, found an empty file") : puzzles;
    }

    private static byte[] Cells(string text, SudokuShape shape, bool blanks, string path, int line, string field)
    {
        if (text.Length != shape.Cells)
        {
            throw Bad(path, line, field, $"{shape.Cells} characters, found {text.Length}");
        }

        var cells = new byte[text.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            var blank = text[i] is '.' or '0';
            if (blank ? !blanks : text[i] < '1' || text[i] > '0' + shape.N)
            {
                throw Bad(path, line, field, $"a digit 1 to {shape.N}{(blanks ? " or ." : "")} at character {i + 1}, found '{text[i]}'");
            }

            cells[i] = blank ? (byte)0 : (byte)(text[i] - '0');
        }

        return cells;
    }

    private static GraphException Bad(string path, int line, string field, string expected) => new($"{path}:{line}: {field}, expected {expected}");

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
