using System.Text.Json;
using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>
/// Writes <c>submission.json</c> as Kaggle's ARC Prize asks for it: <c>{"task":[{"attempt_1":[[0,1]],"attempt_2":[[1,0]]}]}</c>, one
/// entry for every test input of every task, in order. TRM leaves out inputs without a prediction, which shifts those after them.
/// </summary>
public static class ArcSubmission
{
    /// <summary>What Kaggle's sample submission holds; stands for a prediction that is missing or has no cells.</summary>
    private static readonly ArcGrid Placeholder = new(2, 2, new byte[4]);

    /// <summary>Writes the two best candidates of each input; where there is only one, it is both attempts.</summary>
    /// <exception cref="GraphException">The file cannot be written.</exception>
    public static void Write(string path, ArcVoting voting)
    {
        ArgumentNullException.ThrowIfNull(voting);
        WholeFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream);
            json.WriteStartObject();
            foreach (var task in voting.Tasks)
            {
                json.WriteStartArray(task.Name);
                for (var i = 0; i < task.Inputs.Count; i++)
                {
                    WriteAttempts(json, voting.Ballot(task, i).Ranked());
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        });
    }

    private static void WriteAttempts(Utf8JsonWriter json, IReadOnlyList<ArcCandidate> ranked)
    {
        var first = ranked.Count > 0 ? ranked[0].Grid : Placeholder;
        var second = ranked.Count > 1 ? ranked[1].Grid : first;
        json.WriteStartObject();
        WriteGrid(json, "attempt_1", first);
        WriteGrid(json, "attempt_2", second);
        json.WriteEndObject();
    }

    private static void WriteGrid(Utf8JsonWriter json, string name, ArcGrid predicted)
    {
        var grid = predicted.Cells.IsEmpty ? Placeholder : predicted;
        json.WriteStartArray(name);
        for (var row = 0; row < grid.Height; row++)
        {
            json.WriteStartArray();
            for (var column = 0; column < grid.Width; column++)
            {
                json.WriteNumberValue(grid[row, column]);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
