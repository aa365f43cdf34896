namespace Graph.Models.Puzzles;

/// <summary>Reads mazes from <c>question,answer</c> files as in the TRM data sets; spaces are cells, so nothing is trimmed.</summary>
public static class MazeCsv
{
    private const int MaxSide = 256;

    /// <exception cref="GraphException">The file or a line is not what is expected: <c>file:line: field, expected ...</c>.</exception>
    public static List<Maze> Read(string path) => PuzzleCsv.Read(path, lines => Parse(path, lines));

    /// <summary>Reads from memory.</summary>
    /// <param name="file">Name for messages.</param>
    /// <param name="text">The content, UTF-8.</param>
    /// <exception cref="GraphException">A line is not what is expected.</exception>
    public static List<Maze> Parse(string file, ReadOnlyMemory<byte> text) => Parse(file, InputFile.Lines(text));

    private static List<Maze> Parse(string path, IEnumerable<string> lines)
    {
        var mazes = new List<Maze>();
        foreach (var row in PuzzleCsv.Rows(path, lines))
        {
            var cells = mazes.Count > 0 ? mazes[0].Question.Length : Square(path, row);
            var question = Cells(path, row.Line, "question", row.Question, cells);
            var answer = Cells(path, row.Line, "answer", row.Answer, cells);
            if (question.AsSpan().Count(Maze.Start) != 1 || question.AsSpan().Count(Maze.Goal) != 1 || question.AsSpan().Contains(Maze.Path))
            {
                throw PuzzleCsv.Bad(path, row.Line, "question", "one S, one G and no o");
            }

            for (var i = 0; i < cells; i++)
            {
                if (answer[i] != question[i] && (answer[i], question[i]) != (Maze.Path, Maze.Open))
                {
                    throw PuzzleCsv.Bad(path, row.Line, "answer", $"the question with o on open cells, found '{row.Answer[i]}' for '{row.Question[i]}' at character {i + 1}");
                }
            }

            mazes.Add(new Maze(question, answer, row.Rating));
        }

        return mazes;
    }

    private static int Square(string path, PuzzleCsv.Row row)
    {
        var side = (int)Math.Sqrt(row.Question.Length);
        return side is >= 1 and <= MaxSide && side * side == row.Question.Length
            ? row.Question.Length
            : throw PuzzleCsv.Bad(path, row.Line, "question", $"a square of 1 to {MaxSide} rows, found {row.Question.Length} characters");
    }

    private static byte[] Cells(string path, int line, string field, string text, int count)
    {
        if (text.Length != count)
        {
            throw PuzzleCsv.Bad(path, line, field, $"{count} characters, found {text.Length}");
        }

        var cells = new byte[count];
        for (var i = 0; i < count; i++)
        {
            var token = Maze.Characters.IndexOf(text[i], StringComparison.Ordinal) + 1;
            cells[i] = token > 0
                ? (byte)token
                : throw PuzzleCsv.Bad(path, line, field, $"one of '{Maze.Characters}' at character {i + 1}, found '{text[i]}'");
        }

        return cells;
    }
}
