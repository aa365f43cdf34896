namespace Graph.Samples.Commands;

/// <summary>What a benchmark counts beyond right cells, over the predictions of one or several checkpoints.</summary>
internal abstract class PuzzleScore
{
    /// <summary>Before the predictions of each checkpoint.</summary>
    public abstract void BeginCheckpoint();

    /// <summary>One prediction; as <see cref="SampleSink"/>.</summary>
    public abstract void Add(int example, string identifier, ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, double q);

    /// <summary>After all predictions: adds the score's numbers.</summary>
    public abstract void End(Report report);

    /// <summary>Files that belong to the score.</summary>
    /// <returns>Their names, for people.</returns>
    public virtual IEnumerable<string> Write(string folder) => [];
}
