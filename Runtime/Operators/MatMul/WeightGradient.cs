using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Graph.Execution;

namespace Graph.Operators;

public static unsafe partial class MatMul
{
    private const int GradientRows = 16 * TileRows;

    private const int GradientColumns = 16 * Panel;

    /// <summary>Floats between two tiles of dyᵀ beyond their length: a row of dy goes to all tiles at once, which a power of two apart would share one set of the cache.</summary>
    private const int TileGap = 16;

    private const int FloatsOfLine = 16;

    /// <summary>Rows of dy that are fetched ahead: each lies in another page, where no hardware prefetcher follows.</summary>
    private const int RowsAhead = 4;

    /// <summary>Scratch floats that <see cref="WeightGradient"/> needs.</summary>
    public const long WeightGradientScratch = (long)Depth * (GradientRows + Panel) + GradientRows / TileRows * TileGap;

    /// <summary>Units of <see cref="WeightGradient"/>: tiles of dW[m, n], 512 columns wide.</summary>
    public static long WeightGradientUnits(int m, int n) => Blocks(m, UnitRows(m)) * Blocks(n, GradientColumns);

    /// <summary>dW[m, n] += Σ_r dy[r, m] · x[r, n] for one tile of dW, over all rows in order; on a device for all of dW.</summary>
    public static void WeightGradient(in Worker worker, long unit, Ref dy, int dyStride, Ref x, int xStride, long rows, Ref dw, int m, int n)
    {
        if (worker.Gpu is not null)
        {
            var columnsOfDy = new GpuFactor(GpuQueue.At(dy), dyStride, Deep: false);
            GpuWeightGradient(worker, columnsOfDy, new GpuFactor(GpuQueue.At(x), xStride, Deep: false), 1, rows, dw, m, n);
            return;
        }

        int most = UnitRows(m);
        long across = Blocks(n, GradientColumns);
        long top = unit / across * most;
        long left = unit % across * GradientColumns;
        int height = (int)Math.Min(most, m - top);
        int width = (int)Math.Min(GradientColumns, n - left);
        Ref panel = worker.Scratch(0, WeightGradientScratch);
        float* tiles = panel.Pointer + (long)Depth * Panel;
        float* tile = dw.Pointer + top * n + left;

        // Passes of equal length: a short last one would load and store dW for little work.
        int step = (int)(Blocks(Blocks(rows, (int)Blocks(rows, PassDepth(worker))), 8) * 8);
        for (long row = 0; row < rows; row += step)
        {
            int depth = (int)Math.Min(step, rows - row);
            int steps = Steps(worker, depth);
            long length = (long)TileRows * steps + TileGap;
            float* rowsOfDy = dy.Pointer + row * dyStride + top;
            if (worker.Bfloat16)
            {
                PackTilesOfPairs(rowsOfDy, dyStride, depth, height, tiles, length);
            }
            else
            {
                PackTiles(rowsOfDy, dyStride, depth, height, tiles, length);
            }

            var a = new Left(tiles, 1, TileRows, length);

            for (int column = 0; column < width; column += Panel)
            {
                int columns = Math.Min(Panel, width - column);
                float* from = x.Pointer + (row * xStride + left + column);

                // The lines right of the panel, in each of its rows: the next two panels.
                var ahead = new Ahead(from + Panel, xStride, FloatsOfLine);
                if (columns == Panel && height > TileRows && worker is { Lanes: 16, Bfloat16: false })
                {
                    // The first tile packs the panel while it multiplies; the others find it in the first-level cache.
                    Tile12<RowsToPack>(a.Start, a.Row, a.Step, from, xStride, panel.Pointer, ahead, tile + column, n, depth, accumulate: true);
                    MultiplyPanel<RowsJustPacked>(worker, a.Below(1), panel.Pointer, ahead, tile + column + (long)TileRows * n, n, height - TileRows, columns, depth, accumulate: true);
                    continue;
                }

                Pack(new Ref(from), xStride, depth, columns, transposed: false, panel, worker.Bfloat16);
                MultiplyPanel<RowsJustPacked>(worker, a, panel.Pointer, ahead, tile + column, n, height, columns, steps, accumulate: true);
            }
        }
    }

    /// <summary>Small matrices are cut finer, so that every thread has work.</summary>
    private static int UnitRows(int m) => m < 512 ? GradientRows / 2 : GradientRows;

    /// <summary>Columns of dy become tiles of 12 rows of dyᵀ that lie side by side in memory, in the order the kernel broadcasts them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTiles(float* source, long stride, int depth, int height, float* tiles, long length)
    {
        for (int i = 0; i < depth; i++, source += stride, tiles += TileRows)
        {
            PrefetchRow(source + RowsAhead * stride, height);
            PackTileRow(source, height, tiles, length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchRow(float* row, int width)
    {
        for (int j = 0; Sse.IsSupported && j < width; j += 16)
        {
            Sse.Prefetch0(row + j);
        }
    }

    /// <summary>One step of all tiles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PackTileRow(float* source, int height, float* to, long length)
    {
        int first = 0;
        for (; first + TileRows <= height; first += TileRows, to += length)
        {
            Vector256.Store(Vector256.Load(source + first), to);
            Vector128.Store(Vector128.Load(source + first + 8), to + 8);
        }

        for (int j = first; j < height; j++)
        {
            to[j - first] = source[j];
        }
    }
}
