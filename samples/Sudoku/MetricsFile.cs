using Graph.Samples.Commands;
using Graph.Training;

namespace Graph.Samples.Sudoku;

/// <summary>The file <c>metrics.jsonl</c>: one line a report, in the order of the steps.</summary>
internal static class MetricsFile
{
    /// <summary>Opens the log of a run that has taken <paramref name="step"/> steps: lines up to there stay, later ones go.</summary>
    /// <param name="folder">The run's folder, created where missing.</param>
    /// <param name="step">0: a new run.</param>
    /// <exception cref="GraphException">The file cannot be read or written.</exception>
    public static MetricsLog Open(string folder, long step)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return step == 0 ? MetricsLog.Create(RunFolder.Metrics(folder)) : MetricsLog.Resume(RunFolder.Metrics(folder), step);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GraphException($"--out {folder}: cannot be written: {e.Message}");
        }
    }
}
