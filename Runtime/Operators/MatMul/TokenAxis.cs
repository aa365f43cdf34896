using Graph.Execution;

namespace Graph.Operators;

// Products along the token axis: y[b, j, c] = Σ_t W[j, t] · x[b, t, c]. The sample's own activations are the right
// factor, so they are packed per call; the weight is broadcast from where it lies.
public static unsafe partial class MatMul
{
    private const int TokenColumns = 128;

    private const int TokenRows = 128;

    /// <summary>Scratch floats that <see cref="TokenWeightGradient"/> needs: a panel block, and with bfloat16 the rows of dy for it.</summary>
    public const long TokenWeightGradientScratch = (long)Depth * (Panel + TokenRows);

    /// <summary>Scratch floats that <see cref="Columns"/> needs for k tokens; with bfloat16 half of it is for X, the rest for W.</summary>
    public static long ColumnsScratch(int k) => (long)TokenColumns * (k + 1);

    /// <summary>
    /// Y[m, columns] = W[m, k] · X[k, columns], or += with <paramref name="accumulate"/>: on the CPU for one sample and at most 128
    /// columns, on a device for all samples and columns at once.
    /// </summary>
    /// <param name="worker">The CPU's: <see cref="ColumnsScratch"/> floats of scratch.</param>
    /// <param name="weight">W, or its transpose.</param>
    /// <param name="ldw">Floats between rows of <paramref name="weight"/>.</param>
    /// <param name="x">X of the first sample.</param>
    /// <param name="xStride">Floats between rows of X.</param>
    /// <param name="xSample">Floats between samples of X.</param>
    /// <param name="y">Y of the first sample.</param>
    /// <param name="yStride">Floats between rows of Y.</param>
    /// <param name="ySample">Floats between samples of Y.</param>
    /// <param name="samples">1 on the CPU, where samples are units of the launch.</param>
    /// <param name="m">Tokens of Y.</param>
    /// <param name="k">Tokens of X.</param>
    /// <param name="columns">Columns of X and Y.</param>
    /// <param name="transposed">W is given as [k, m] and used as its transpose: dX = Wᵀ · dY.</param>
    /// <param name="accumulate">Add to Y.</param>
    /// <exception cref="ArgumentOutOfRangeException">On the CPU: several samples or more than 128 columns.</exception>
    public static void Columns(in Worker worker, Ref weight, int ldw, Ref x, int xStride, long xSample, Ref y, int yStride, long ySample, long samples, int m, int k, int columns, bool transposed, bool accumulate)
    {
        if (worker.Gpu is { } gpu)
        {
            (GpuColumns(weight, ldw, x, xStride, xSample, y, yStride, ySample, samples, m, k, columns, transposed) with { Accumulate = accumulate }).Launch(gpu);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(samples, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, TokenColumns);
        Ref packed = worker.Scratch(0, ColumnsScratch(k));
        Pack(x, xStride, k, columns, transposed: false, packed, worker.Bfloat16);
        if (worker.Bfloat16)
        {
            long half = ColumnsScratch(k) / 2;
            MultiplyRounded(worker, half, half, weight.Pointer, ldw, transposed, packed.Pointer, y.Pointer, yStride, m, k, columns, accumulate);
            return;
        }

        Left a = transposed
            ? new Left(weight.Pointer, 1, ldw, TileRows)
            : new Left(weight.Pointer, ldw, 1, (long)TileRows * ldw);
        Multiply(worker, a, packed.Pointer, y.Pointer, yStride, m, k, columns, accumulate);
    }

    /// <summary>
    /// <see cref="Columns"/> with the transposed weight whose result only the column work called next reads. On a device the product waits for that work: if its
    /// tiles do it, Y is never written.
    /// </summary>
    public static void ColumnsBackwardForNext(in Worker worker, Ref weight, int ldw, Ref x, int xStride, long xSample, Ref y, int yStride, long ySample, long samples, int m, int k, int columns)
    {
        if (worker.Gpu is { } gpu)
        {
            gpu.Wait(new WaitingProduct(GpuColumns(weight, ldw, x, xStride, xSample, y, yStride, ySample, samples, m, k, columns, transposed: true), KeepsSums: false));
            return;
        }

        Columns(worker, weight, ldw, x, xStride, xSample, y, yStride, ySample, samples, m, k, columns, transposed: true, accumulate: false);
    }

    /// <summary>Units of <see cref="TokenWeightGradient"/>: tiles of 128 x 32 of dW[m, k].</summary>
    public static long TokenWeightGradientUnits(int m, int k) => Blocks(m, TokenRows) * Blocks(k, Panel);

    /// <summary>dW[m, k] += Σ_s Σ_c dy[s, m, c] · x[s, k, c] for one tile of dW, samples and columns in order; on a device for all of dW.</summary>
    public static void TokenWeightGradient(in Worker worker, long unit, Ref dy, int dyStride, long dySampleStride, Ref x, int xStride, long xSampleStride, int samples, int columns, Ref dw, int m, int k)
    {
        if (worker.Gpu is not null)
        {
            var rowsOfDy = new GpuFactor(GpuQueue.At(dy), dyStride, Deep: true, Sample: dySampleStride);
            var rowsOfX = new GpuFactor(GpuQueue.At(x), xStride, Deep: true, Sample: xSampleStride);
            GpuWeightGradient(worker, rowsOfDy, rowsOfX, samples, columns, dw, m, k);
            return;
        }

        long across = Blocks(k, Panel);
        long top = unit / across * TokenRows;
        long left = unit % across * Panel;
        int height = (int)Math.Min(TokenRows, m - top);
        int width = (int)Math.Min(Panel, k - left);
        Ref packed = worker.Scratch(0, TokenWeightGradientScratch);
        float* tile = dw.Pointer + top * k + left;
        int step = PassDepth(worker);
        for (long sample = 0; sample < samples; sample++)
        {
            Ref right = x + (sample * xSampleStride + left * xStride);
            Ref rows = dy + (sample * dySampleStride + top * dyStride);
            for (int first = 0; first < columns; first += step)
            {
                int depth = Math.Min(step, columns - first);
                Pack(right + first, xStride, depth, width, transposed: true, packed, worker.Bfloat16);
                if (worker.Bfloat16)
                {
                    MultiplyRounded(worker, Depth * Panel, Depth * TokenRows, rows.Pointer + first, dyStride, transposed: false, packed.Pointer, tile, k, height, depth, width, accumulate: true);
                    continue;
                }

                var a = new Left(rows.Pointer + first, dyStride, 1, (long)TileRows * dyStride);
                Multiply(worker, a, packed.Pointer, tile, k, height, depth, width, accumulate: true);
            }
        }
    }
}
