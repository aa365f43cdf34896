namespace Graph.Training;

/// <summary>
/// Collects the puzzle vectors' gradients of a step's parts and moves the table once: a row that occurs in several parts gets the sign of
/// the sum over all of them.
/// </summary>
/// <param name="table">The rows.</param>
/// <param name="parts">Parts of a step.</param>
/// <param name="batch">Samples of a part.</param>
internal sealed class PuzzleUpdate(SparseTable table, int parts, int batch)
{
    private readonly int[] _ids = new int[parts * batch];
    private readonly float[] _gradients = new float[checked(parts * batch * table.Width)];

    /// <summary>Takes the identifiers [batch] and gradients [batch, width] of a part.</summary>
    public void Add(int part, ReadOnlySpan<int> ids, ReadOnlySpan<float> gradients)
    {
        ids.CopyTo(_ids.AsSpan(part * batch));
        gradients.CopyTo(_gradients.AsSpan(part * batch * table.Width));
    }

    /// <summary>One SignSGD step.</summary>
    public void Apply(double learningRate, double weightDecay) => table.Update(_ids, _gradients, learningRate, weightDecay);
}
