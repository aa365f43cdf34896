using Graph.Models.Puzzles;
using Graph.Samples.Commands;

namespace Graph.Samples.Maze;

/// <summary>Whether predictions are paths, and shortest ones, beside being the stored one.</summary>
internal sealed class MazeVoteScore(int checkpoints) : GridVoteScore(checkpoints)
{
    private readonly MazeScore score = new();

    protected override void Score(ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted) => score.Add(tokens, labels, predicted);

    protected override void AddNumbers(Report report)
    {
        report.Add("exact_path", $"stored path, {Label}", score.Exact);
        report.Add("shortest_path", $"some shortest path, {Label}", score.Shortest);
        report.Add("valid_path", $"some path, {Label}", score.Paths);
    }
}
