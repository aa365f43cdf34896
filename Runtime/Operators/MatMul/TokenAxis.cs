using Graph.Execution;

namespace Graph.Operators;

// Products along the token axis: y[b, j, c] = Σ_t W[j, t] · x[b, t, c]. The sample's own activations are the right
// factor, so they are packed per call; the weight is broadcast from where it lies.
public static unsafe partial class MatMul
{
    private const int TokenColumns = 128;

    private const int TokenRows = 128;

    /// <summary>Scratch floats that <see cref="TokenWeightGradient"/> needs.</summary>
    public const long TokenWeightGradientScratch = (long)Depth * Panel;

    /// <summary>Scratch floats that <see cref="Columns"/> needs for k tokens.</summary>
    public static long ColumnsScratch(int k) => (long)TokenColumns * k;

    /// <summary>C[m, columns] = W[m, k] · X[k, columns], or += with <paramref name="accumulate"/>, for one sample and at most 128 columns.</summary>
    /// <param name="transposed">W is given as [k, m] and used as its transpose: dX = Wᵀ · dY.</param>
    public static void Columns(in Worker worker, Ref w, int wStride, Ref x, int xStride, long xSample, Ref c, int cStride, long cSample, long samples, int m, int k, int columns, bool transposed, bool accumulate)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, TokenColumns);
        Ref packed = worker.Scratch(0, ColumnsScratch(k));
        Pack(x, xStride, k, columns, transposed: false, packed);
        Left a = transposed
            ? new Left(w.Pointer, 1, wStride, TileRows)
            : new Left(w.Pointer, wStride, 1, (long)TileRows * wStride);
        Multiply(worker.Lanes, a, packed.Pointer, c.Pointer, cStride, m, k, columns, accumulate);
    }

    /// <summary>Units of <see cref="TokenWeightGradient"/>: tiles of 128 x 32 of dW[m, k].</summary>
    public static long TokenWeightGradientUnits(int m, int k) => Blocks(m, TokenRows) * Blocks(k, Panel);

    /// <summary>dW[m, k] += Σ_s Σ_c dy[s, m, c] · x[s, k, c] for one tile of dW, samples and columns in order.</summary>
    public static void TokenWeightGradient(in Worker worker, long unit, Ref dy, int dyStride, long dySampleStride, Ref x, int xStride, long xSampleStride, int samples, int columns, Ref dw, int m, int k)
    {
        long across = Blocks(k, Panel);
        long top = unit / across * TokenRows;
        long left = unit % across * Panel;
        int height = (int)Math.Min(TokenRows, m - top);
        int width = (int)Math.Min(Panel, k - left);
        Ref packed = worker.Scratch(0, TokenWeightGradientScratch);
        float* tile = dw.Pointer + top * k + left;
        for (long sample = 0; sample < samples; sample++)
        {
            Ref right = x + (sample * xSampleStride + left * xStride);
            Ref rows = dy + (sample * dySampleStride + top * dyStride);
            for (int first = 0; first < columns; first += Depth)
            {
                int depth = Math.Min(Depth, columns - first);
                Pack(right + first, xStride, depth, width, transposed: true, packed);
                var a = new Left(rows.Pointer + first, dyStride, 1, (long)TileRows * dyStride);
                Multiply(worker.Lanes, a, packed.Pointer, tile, k, height, depth, width, accumulate: true);
            }
        }
    }
}
