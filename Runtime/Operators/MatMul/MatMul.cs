using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// Float32 matrix products for one thread: the caller cuts the work into row blocks, column blocks or units and
/// spreads them over workers.
/// </summary>
/// <remarks>
/// Every element of a result is one chain of fused multiply-adds in the order of the summed index, continued from the
/// stored value where the sum is blocked. Its bits depend neither on the cut nor on the lane width.
/// </remarks>
public static unsafe partial class MatMul
{
    /// <summary>Columns of a packed panel: two vectors of 16.</summary>
    private const int Panel = 32;

    /// <summary>Rows of the tile that keeps 24 of the 32 AVX-512 registers as accumulators.</summary>
    private const int TileRows = 12;

    /// <summary>Summed indices per pass: a 32 KB panel block and a 12 KB block of A share a 48 KB first-level cache.</summary>
    private const int Depth = 256;

    /// <summary>Floats that a step of a tile prefetches of the next panel block.</summary>
    private const int AheadStep = 8;

    /// <summary>
    /// C[rows, n] = A[rows, k] · B, or += with <paramref name="accumulate"/>; B comes from <see cref="Pack"/>. On a device
    /// <paramref name="packed"/> is the plain weight [n, k], whose transpose B is.
    /// </summary>
    public static void Rows(in Worker worker, Ref a, int aStride, Ref packed, Ref c, int cStride, int rows, int k, int n, bool accumulate)
    {
        if (worker.Gpu is { } gpu)
        {
            (GpuRows(a, aStride, packed, c, cStride, rows, k, n, backward: false) with { Accumulate = accumulate }).Launch(gpu);
            return;
        }

        RowsOnCpu(worker, a, aStride, packed, c, cStride, rows, k, n, accumulate);
    }

    /// <summary>
    /// <see cref="Rows"/> whose C the row work called next reads. On a device the product waits for that work, which may be done by its tiles:
    /// then C is written only if <paramref name="keep"/> says that others read it too.
    /// </summary>
    public static void RowsForNext(in Worker worker, Ref a, int aStride, Ref packed, Ref c, int cStride, int rows, int k, int n, bool keep)
    {
        if (worker.Gpu is { } gpu)
        {
            gpu.Wait(new WaitingProduct(GpuRows(a, aStride, packed, c, cStride, rows, k, n, backward: false), keep));
            return;
        }

        RowsOnCpu(worker, a, aStride, packed, c, cStride, rows, k, n, accumulate: false);
    }

    /// <summary><see cref="Rows"/> for the gradient of its input: on a device <paramref name="packed"/> is the plain weight [k, n], which is B itself.</summary>
    public static void RowsBackward(in Worker worker, Ref a, int aStride, Ref packed, Ref c, int cStride, int rows, int k, int n, bool accumulate)
    {
        if (worker.Gpu is { } gpu)
        {
            (GpuRows(a, aStride, packed, c, cStride, rows, k, n, backward: true) with { Accumulate = accumulate }).Launch(gpu);
            return;
        }

        RowsOnCpu(worker, a, aStride, packed, c, cStride, rows, k, n, accumulate);
    }

    private static void RowsOnCpu(in Worker worker, Ref a, int aStride, Ref packed, Ref c, int cStride, int rows, int k, int n, bool accumulate)
    {
        var left = new Left(a.Pointer, aStride, 1, (long)TileRows * aStride);
        Multiply(worker.Lanes, left, packed.Pointer, c.Pointer, cStride, rows, k, n, accumulate);
    }

    /// <summary>C += or = A · B over all panels of B. Depth blocks are inside a panel, so a panel block stays in cache for all rows.</summary>
    private static void Multiply(int lanes, Left a, float* packed, float* c, long cStride, int rows, int k, int n, bool accumulate)
    {
        for (int column = 0; column < n; column += Panel)
        {
            float* panel = packed + (long)column * k;
            for (int first = 0; first < k; first += Depth)
            {
                MultiplyPanel(
                    lanes,
                    a.From(first),
                    panel + (long)first * Panel,
                    c + column,
                    cStride,
                    rows,
                    Math.Min(Panel, n - column),
                    Math.Min(Depth, k - first),
                    accumulate || first > 0);
            }
        }
    }

    private static long Blocks(long count, int size) => (count + size - 1) / size;

    /// <summary>The left factor: element (i, k) of tile t is at <c>t * Tile + i * Row + k * Step</c>.</summary>
    private readonly struct Left(float* start, long row, long step, long tile)
    {
        public float* Start => start;

        public long Row => row;

        public long Step => step;

        public long Tile => tile;

        public Left From(long k) => new(start + k * step, row, step, tile);
    }
}
