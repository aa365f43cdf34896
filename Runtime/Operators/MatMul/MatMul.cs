using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// Matrix products of float32, or of factors rounded to bfloat16 (<see cref="Worker.Bfloat16"/>), for one thread: the caller cuts the work into row blocks, column blocks or units and
/// spreads them over workers.
/// </summary>
/// <remarks>
/// Every element of a result is one chain of fused multiply-adds in the order of the summed index, continued from the
/// stored value where the sum is blocked. Its bits depend neither on the cut nor on the lane width; with bfloat16 they depend on whether the
/// machine has its dot product.
/// </remarks>
public static unsafe partial class MatMul
{
    /// <summary>Columns of a packed panel: two vectors of 16.</summary>
    internal const int Panel = 32;

    /// <summary>Rows of the tile that keeps 24 of the 32 AVX-512 registers as accumulators.</summary>
    internal const int TileRows = 12;

    /// <summary>Steps per pass, summed indices or pairs of them: a 32 KB panel block and a 12 KB block of A share a 48 KB first-level cache.</summary>
    private const int Depth = 256;

    /// <summary>Floats that a step of a tile fetches of a packed weight's next block, so that four tiles cover it.</summary>
    internal const int AheadStep = Panel / 4;

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

    /// <summary>
    /// <see cref="RowsBackward"/> whose C only the row work called next reads. On a device the product waits for that work: if its tiles do it, C is never written.
    /// </summary>
    public static void RowsBackwardForNext(in Worker worker, Ref a, int aStride, Ref packed, Ref c, int cStride, int rows, int k, int n)
    {
        if (worker.Gpu is { } gpu)
        {
            gpu.Wait(new WaitingProduct(GpuRows(a, aStride, packed, c, cStride, rows, k, n, backward: true), KeepsSums: false));
            return;
        }

        RowsOnCpu(worker, a, aStride, packed, c, cStride, rows, k, n, accumulate: false);
    }

    private static void RowsOnCpu(in Worker worker, Ref a, int aStride, Ref packed, Ref c, int cStride, int rows, int k, int n, bool accumulate)
    {
        if (worker.Bfloat16)
        {
            MultiplyRounded(worker, 0, RoundedScratch, a.Pointer, aStride, transposed: false, packed.Pointer, c.Pointer, cStride, rows, k, n, accumulate);
            return;
        }

        var left = new Left(a.Pointer, aStride, 1, (long)TileRows * aStride);
        Multiply(worker, left, packed.Pointer, c.Pointer, cStride, rows, k, n, accumulate);
    }

    /// <summary>C += or = A · B over all panels of B. Depth blocks are inside a panel, so a panel block stays in cache for all rows.</summary>
    private static void Multiply(in Worker worker, Left a, float* packed, float* c, long cStride, int rows, int steps, int n, bool accumulate)
    {
        for (int column = 0; column < n; column += Panel)
        {
            float* panel = packed + (long)column * steps;
            for (int first = 0; first < steps; first += Depth)
            {
                int depth = Math.Min(Depth, steps - first);
                float* block = panel + (long)first * Panel;

                var ahead = new Ahead(block + (long)depth * Panel, AheadStep, (long)depth * AheadStep);
                MultiplyPanel<PackedWeight>(worker, a.From(first), block, ahead, c + column, cStride, rows, Math.Min(Panel, n - column), depth, accumulate || first > 0);
            }
        }
    }

    private static long Blocks(long count, int size) => (count + size - 1) / size;

    /// <summary>The left factor, floats or pairs: element (i, k) of tile t is at <c>t * Tile + i * Row + k * Step</c>.</summary>
    private readonly struct Left(float* start, long row, long step, long tile)
    {
        public float* Start => start;

        public long Row => row;

        public long Step => step;

        public long Tile => tile;

        public Left Below(long tiles) => new(start + tiles * tile, row, step, tile);

        public Left From(long k) => new(start + k * step, row, step, tile);
    }

    /// <summary>What tiles fetch into the cache meanwhile: step i of tile t (of four, then again) the line at <c>start + t * tile + i * step</c>.</summary>
    private readonly struct Ahead(float* start, long step, long tile)
    {
        public const int Tiles = 4;

        public float* Start => start;

        public long Step => step;

        public Ahead Of(int index) => new(start + (index % Tiles * tile), step, tile);
    }
}
