using System.Text.Json;

namespace Graph.Models.Puzzles;

/// <summary>Reads tasks and solutions token by token, so that every mistake can name its task and field.</summary>
internal sealed class ArcTaskReader(string file)
{
    private string task = "";

    /// <summary>An object of tasks.</summary>
    public List<ArcTask> Tasks(ref Utf8JsonReader reader)
    {
        var tasks = new List<ArcTask>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        Require(reader.TokenType == JsonTokenType.StartObject, "content", "an object of tasks", ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Name(names, ref reader);
            tasks.Add(Task(ref reader));
        }

        return tasks;
    }

    /// <summary>An object of lists of grids.</summary>
    public Dictionary<string, List<ArcGrid>> Solutions(ref Utf8JsonReader reader)
    {
        var solutions = new Dictionary<string, List<ArcGrid>>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        Require(reader.TokenType == JsonTokenType.StartObject, "content", "an object of solutions", ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Name(names, ref reader);
            Require(reader.TokenType == JsonTokenType.StartArray, "solutions", "a list of grids", ref reader);
            var grids = new List<ArcGrid>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                grids.Add(Grid($"solutions[{grids.Count}]", ref reader));
            }

            solutions.Add(task, grids);
        }

        return solutions;
    }

    private void Name(HashSet<string> names, ref Utf8JsonReader reader)
    {
        task = reader.GetString()!;

        // The separator is how names of augmented forms are told from names of tasks.
        if (task.Length == 0 || task.Contains(ArcAugmentation.Separator, StringComparison.Ordinal) || !names.Add(task))
        {
            throw Bad("name", $"different names that are not empty and do not hold {ArcAugmentation.Separator}");
        }

        reader.Read();
    }

    private ArcTask Task(ref Utf8JsonReader reader)
    {
        List<ArcPair>? train = null;
        List<ArcPair>? test = null;
        var testFirst = false;
        Require(reader.TokenType == JsonTokenType.StartObject, "content", "an object with train and test", ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString()!;
            reader.Read();
            if (field == "train" && train is null)
            {
                train = Pairs(field, needsOutput: true, ref reader);
            }
            else if (field == "test" && test is null)
            {
                testFirst = train is null;
                test = Pairs(field, needsOutput: false, ref reader);
            }
            else
            {
                throw Bad(InputFile.Short(field), "train and test, once each");
            }
        }

        return train is null || test is null ? throw Bad("content", "train and test") : new ArcTask(task, train, test, testFirst);
    }

    private List<ArcPair> Pairs(string part, bool needsOutput, ref Utf8JsonReader reader)
    {
        var pairs = new List<ArcPair>();
        Require(reader.TokenType == JsonTokenType.StartArray, part, "a list of pairs", ref reader);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var at = $"{part}[{pairs.Count}]";
            ArcGrid? input = null;
            ArcGrid? output = null;
            Require(reader.TokenType == JsonTokenType.StartObject, at, "an object with input and output", ref reader);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var field = reader.GetString()!;
                reader.Read();
                if (field == "input" && input is null)
                {
                    input = Grid($"{at}.input", ref reader);
                }
                else if (field == "output" && output is null)
                {
                    output = Grid($"{at}.output", ref reader);
                }
                else
                {
                    throw Bad($"{at}.{InputFile.Short(field)}", "input and output, once each");
                }
            }

            if (input is null || (output is null && needsOutput))
            {
                throw Bad(at, needsOutput ? "input and output" : "an input");
            }

            pairs.Add(new ArcPair(input, output ?? ArcTaskFile.UnknownOutput));
        }

        return pairs.Count > 0 ? pairs : throw Bad(part, "at least one pair");
    }

    private ArcGrid Grid(string field, ref Utf8JsonReader reader)
    {
        Span<byte> cells = stackalloc byte[ArcEncoding.Length];
        var (height, width, count) = (0, 0, 0);
        Require(reader.TokenType == JsonTokenType.StartArray, field, "a list of rows", ref reader);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Require(reader.TokenType == JsonTokenType.StartArray && height < ArcGrid.MaxSide, field, $"a list of at most {ArcGrid.MaxSide} rows", ref reader);
            var columns = 0;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var colour = -1;
                Require(
                    columns < ArcGrid.MaxSide && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out colour) && colour is >= 0 and < ArcGrid.Colours,
                    $"{field} row {height} column {columns}",
                    $"at most {ArcGrid.MaxSide} colours 0 to {ArcGrid.Colours - 1}",
                    ref reader);
                cells[count++] = (byte)colour;
                columns++;
            }

            width = height == 0 ? columns : width;
            if (columns == 0 || columns != width)
            {
                throw Bad($"{field} row {height}", columns == 0 ? "at least one colour" : $"{width} colours as in row 0, found {columns}");
            }

            height++;
        }

        return height > 0 ? new ArcGrid(height, width, cells[..count]) : throw Bad(field, "at least one row");
    }

    private void Require(bool holds, string field, string expected, ref Utf8JsonReader reader)
    {
        if (!holds)
        {
            throw Bad(field, $"{expected}, found {InputFile.Found(ref reader)}");
        }
    }

    private GraphException Bad(string field, string expected) =>
        new($"{file}: {(task.Length > 0 ? $"task '{InputFile.Short(task)}', " : "")}{field}, expected {expected}");
}
