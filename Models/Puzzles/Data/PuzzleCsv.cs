namespace Graph.Models.Puzzles;

/// <summary>The CSV form of TRM's Sudoku and maze data: columns found by the names in the header, no quoting, nothing trimmed.</summary>
internal static class PuzzleCsv
{
    /// <summary>One line after the header.</summary>
    /// <param name="Line">Number of the line, from 1.</param>
    /// <param name="Question">Its field, as it stands.</param>
    /// <param name="Answer">Its field, as it stands.</param>
    /// <param name="Rating">0 where the file has no such column.</param>
    public readonly record struct Row(int Line, string Question, string Answer, int Rating);

    /// <summary>The lines of a file, read as they are asked for.</summary>
    /// <exception cref="GraphException">The file cannot be read.</exception>
    public static List<T> Read<T>(string path, Func<IEnumerable<string>, List<T>> parse)
    {
        try
        {
            return parse(File.ReadLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GraphException($"{path}: cannot be read: {e.Message}");
        }
    }

    /// <summary>The rows; empty lines are passed over.</summary>
    /// <exception cref="GraphException">The header, the number of fields or a rating is not what is expected.</exception>
    public static IEnumerable<Row> Rows(string path, IEnumerable<string> lines)
    {
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
                    throw Bad(path, number, "header", $"columns named question and answer, found '{InputFile.Short(line)}'");
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

            var difficulty = 0;
            if (rating >= 0 && !int.TryParse(fields[rating], out difficulty))
            {
                throw Bad(path, number, "rating", $"a whole number, found '{InputFile.Short(fields[rating])}'");
            }

            yield return new Row(number, fields[question], fields[answer], difficulty);
        }

        if (number == 0)
        {
            throw Bad(path, 1, "header", "columns named question and answer, found an empty file");
        }
    }

    /// <summary>The message of a mistake in a line.</summary>
    public static GraphException Bad(string path, int line, string field, string expected) => new($"{path}:{line}: {field}, expected {expected}");
}
