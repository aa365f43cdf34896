using System.Diagnostics;
using Graph.Models.Puzzles;

namespace Graph.Samples.Commands;

/// <summary>What <c>build</c> shows: a line every few seconds while it works, and the sizes at the end.</summary>
internal sealed class BuildReport(Terminal terminal)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private TimeSpan next = Interval;

    public void Progress(BuildProgress progress)
    {
        if (clock.Elapsed >= next)
        {
            next = clock.Elapsed + Interval;
            terminal.Out.WriteLine($"{progress.Stage}: {progress.Done:N0} of {progress.Total:N0}");
        }
    }

    public int End(BuildSummary summary, string folder)
    {
        Split("train", summary.Train);
        Split("test", summary.Test);
        terminal.Out.WriteLine($"{summary.Identifiers:N0} puzzle identifiers, {clock.Elapsed.TotalSeconds:F1} s, written to {folder}");
        return 0;
    }

    private void Split(string name, SplitSummary split) =>
        terminal.Out.WriteLine($"{name}: {split.Groups:N0} groups, {split.Puzzles:N0} puzzles, {split.Examples:N0} examples");
}
