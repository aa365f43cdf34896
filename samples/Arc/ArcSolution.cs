using System.Text;
using System.Text.Json;
using Graph.Models.Puzzles;
using Graph.Samples.Commands;

namespace Graph.Samples.Arc;

/// <summary>
/// Answers the tests of a task: the forms of it that the model was trained on vote, as in evaluation. A task that it was not trained on has
/// no puzzle vector, and one guess.
/// </summary>
internal static class ArcSolution
{
    private const int Shown = 2;

    public static void Print(string text, string source, Solver solver, Terminal terminal)
    {
        foreach (var task in Tasks(text, source))
        {
            var forms = Forms(task.Name, solver.Identifiers);
            if (forms.Count == 0)
            {
                terminal.Error.WriteLine($"task '{task.Name}' was not trained on: without a puzzle vector of its own the answer is a guess.");
                forms.Add((ArcAugmentation.None(task.Name), task.Name, 0));
            }

            var test = ArcTestTask.Of(task, answersKnown: false);
            var voting = Vote(test, forms, solver);
            for (var input = 0; input < test.Inputs.Count; input++)
            {
                var ranked = voting.Ballot(test, input).Ranked();
                for (var place = 0; place < Math.Min(Shown, ranked.Count); place++)
                {
                    terminal.Out.WriteLine($"{task.Name}, test {input + 1}, answer {place + 1}: {ranked[place].Votes} of {forms.Count} votes, mean q {ranked[place].MeanQ:0.000}");
                    terminal.Out.WriteLine(Text(ranked[place].Grid));
                }
            }
        }
    }

    private static ArcVoting Vote(ArcTestTask task, List<(ArcAugmentation Form, string Name, int Row)> forms, Solver solver)
    {
        var voting = new ArcVoting([task], ArcVotingMode.SingleCheckpoint);
        voting.BeginCheckpoint();
        var tokens = new int[task.Inputs.Count * forms.Count * ArcEncoding.Length];
        var rows = new int[task.Inputs.Count * forms.Count];
        var encoded = new byte[ArcEncoding.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var (form, _, row) = forms[i % forms.Count];
            ArcEncoding.Encode(form.Apply(task.Inputs[i / forms.Count]), 0, 0, encoded);
            Array.ConvertAll(encoded, token => (int)token).CopyTo(tokens, i * ArcEncoding.Length);
            rows[i] = row;
        }

        solver.Predict(tokens, rows, ArcEncoding.Vocabulary, (i, predicted, q) =>
            voting.Add(forms[i % forms.Count].Name, tokens.AsSpan(i * ArcEncoding.Length, ArcEncoding.Length), predicted, q));
        return voting;
    }

    private static List<(ArcAugmentation Form, string Name, int Row)> Forms(string task, IReadOnlyList<string> identifiers)
    {
        var forms = new List<(ArcAugmentation, string, int)>();
        for (var row = 0; row < identifiers.Count; row++)
        {
            if (identifiers[row] == task || identifiers[row].StartsWith(task + ArcAugmentation.Separator, StringComparison.Ordinal))
            {
                forms.Add((ArcAugmentation.Parse(identifiers[row]), identifiers[row], row));
            }
        }

        return forms;
    }

    /// <summary>The public repository's files hold one task without a name, which is that of the file; Kaggle's an object of tasks.</summary>
    private static List<ArcTask> Tasks(string text, string source)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("train", out var train) && train.ValueKind == JsonValueKind.Array)
            {
                text = $"{{{JsonSerializer.Serialize(Path.GetFileNameWithoutExtension(source))}: {text}}}";
            }
        }
        catch (JsonException e)
        {
            throw new GraphException($"{source}: expected valid JSON: {e.Message}");
        }

        return ArcTaskFile.Parse(source, Encoding.UTF8.GetBytes(text));
    }

    private static string Text(ArcGrid grid)
    {
        if (grid.Cells.IsEmpty)
        {
            return "(no cells)\n";
        }

        var lines = new StringBuilder();
        for (var row = 0; row < grid.Height; row++)
        {
            for (var column = 0; column < grid.Width; column++)
            {
                lines.Append(column == 0 ? "" : " ").Append(grid[row, column]);
            }

            lines.Append('\n');
        }

        return lines.ToString();
    }
}
