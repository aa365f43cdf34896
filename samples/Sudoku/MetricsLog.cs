using System.Text.Json;

namespace Graph.Samples.Sudoku;

/// <summary>The file <c>metrics.jsonl</c>: one line a report, in the order of the steps.</summary>
internal static class MetricsLog
{
    /// <summary>Opens the log of a run that has taken <paramref name="step"/> steps: lines up to there stay, later ones go.</summary>
    /// <param name="folder">The run's folder, created where missing.</param>
    /// <param name="step">0: a new run.</param>
    /// <param name="history">Takes the lines that stay.</param>
    /// <exception cref="GraphException">The file cannot be read or written.</exception>
    public static StreamWriter Open(string folder, long step, List<Metrics> history)
    {
        var path = Path.Combine(folder, "metrics.jsonl");
        try
        {
            Directory.CreateDirectory(folder);
            if (step == 0 || !File.Exists(path))
            {
                return new StreamWriter(path);
            }

            history.AddRange(File.ReadLines(path).Select(Read).OfType<Metrics>().Where(line => line.Step <= step));
            File.WriteAllLines(path + ".tmp", history.Select(line => line.ToJson()));
            File.Move(path + ".tmp", path, overwrite: true);
            return new StreamWriter(path, append: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GraphException($"--out {folder}: cannot be written: {e.Message}");
        }
    }

    /// <summary>Null: half a line, which a killed run may leave at the end.</summary>
    private static Metrics? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, SummaryJson.Line.Metrics);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
