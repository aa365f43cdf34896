namespace Graph.Training;

/// <summary>
/// The table of puzzle vectors, trained by SignSGD with decoupled decay (trm.md 4.2): only rows of the current batch move, gradients of
/// duplicates are summed before the sign is taken, sign(0) = 0.
/// </summary>
public sealed class SparseTable
{
    private readonly float[] _weights;
    private readonly float[] _sum;

    /// <param name="rows">Number of puzzle identifiers.</param>
    /// <param name="width">Floats a row.</param>
    /// <exception cref="GraphException">A dim is below 1 or the table exceeds the largest array.</exception>
    public SparseTable(int rows, int width)
    {
        Require.Range("number of puzzle identifiers", rows, 1, double.MaxValue);
        Require.Range("width of a puzzle vector", width, 1, double.MaxValue);
        if ((long)rows * width > Array.MaxLength)
        {
            throw new GraphException($"A puzzle table of {rows} x {width} values is too large; expected at most {Array.MaxLength} values.");
        }

        Count = rows;
        Width = width;
        _weights = new float[rows * width];
        _sum = new float[width];
    }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    public int Width { get; }

    /// <summary>All rows one after another, zero at the start.</summary>
    public Span<float> Rows => _weights;

    /// <summary>Copies the rows of <paramref name="ids"/> one after another.</summary>
    /// <exception cref="GraphException">An identifier is outside the table.</exception>
    public void Gather(ReadOnlySpan<int> ids, Span<float> destination)
    {
        for (int slot = 0; slot < ids.Length; slot++)
        {
            Row(ids[slot]).CopyTo(destination.Slice(slot * Width, Width));
        }
    }

    /// <summary>One SignSGD step on the rows of <paramref name="ids"/>.</summary>
    /// <param name="ids">Identifier of each slot; may repeat.</param>
    /// <param name="gradients">Gradient of each slot's vector, one after another. Their common scale does not matter.</param>
    /// <param name="learningRate">Length of the step of each value.</param>
    /// <param name="weightDecay">Decoupled: the row is first multiplied by 1 - learning rate · this.</param>
    public void Update(ReadOnlySpan<int> ids, ReadOnlySpan<float> gradients, double learningRate, double weightDecay)
    {
        float keep = (float)(1 - (learningRate * weightDecay));
        float size = (float)learningRate;
        for (int slot = 0; slot < ids.Length; slot++)
        {
            int id = ids[slot];
            if (ids[..slot].Contains(id))
            {
                continue;
            }

            _sum.AsSpan().Clear();
            for (int other = slot; other < ids.Length; other++)
            {
                if (ids[other] == id)
                {
                    ReadOnlySpan<float> gradient = gradients.Slice(other * Width, Width);
                    for (int i = 0; i < Width; i++)
                    {
                        _sum[i] += gradient[i];
                    }
                }
            }

            Span<float> row = Row(id);
            for (int i = 0; i < Width; i++)
            {
                float sign = _sum[i] > 0 ? 1 : _sum[i] < 0 ? -1 : 0;
                row[i] = (row[i] * keep) - (size * sign);
            }
        }
    }

    private Span<float> Row(int id) =>
        (uint)id < (uint)Count
            ? _weights.AsSpan(id * Width, Width)
            : throw new GraphException($"Puzzle identifier {id} is outside the table; expected 0 to {Count - 1}.");
}
