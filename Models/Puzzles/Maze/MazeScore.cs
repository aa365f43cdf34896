using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>Sums over scored predictions; grows by <see cref="Add"/>.</summary>
public sealed class MazeScore
{
    private long count;
    private long exact;
    private long paths;
    private long shortest;

    /// <summary>Predictions that equal the stored answer in every cell: TRM's exact accuracy.</summary>
    public Share Exact => new(exact, count);

    /// <summary>Predictions that are a path through the unchanged maze.</summary>
    public Share Paths => new(paths, count);

    /// <summary>Predictions that are some shortest path through the unchanged maze; at least <see cref="Exact"/>.</summary>
    public Share Shortest => new(shortest, count);

    /// <summary>Scores one prediction.</summary>
    /// <param name="question">[side, side] tokens.</param>
    /// <param name="answer">[side, side] tokens.</param>
    /// <param name="predicted">[side, side] tokens.</param>
    /// <exception cref="GraphException">The question is not a square with one S and one G.</exception>
    public MazePath Add(ReadOnlySpan<int> question, ReadOnlySpan<int> answer, ReadOnlySpan<int> predicted)
    {
        var path = MazePath.Of(question, predicted);
        count++;
        exact += answer.SequenceEqual(predicted) ? 1 : 0;
        paths += path.IsPath ? 1 : 0;
        shortest += path.IsShortest ? 1 : 0;
        return path;
    }
}
