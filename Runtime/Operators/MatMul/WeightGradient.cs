using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Graph.Execution;

namespace Graph.Operators;

public static unsafe partial class MatMul
{
    private const int GradientRows = 16 * TileRows;

    private const int GradientColumns = 8 * Panel;

    /// <summary>Scratch floats that <see cref="WeightGradient"/> needs.</summary>
    public const long WeightGradientScratch = (long)Depth * (GradientRows + GradientColumns);

    /// <summary>Units of <see cref="WeightGradient"/>: tiles of 192 x 256 of dW[m, n].</summary>
    public static long WeightGradientUnits(int m, int n) => Blocks(m, GradientRows) * Blocks(n, GradientColumns);

    /// <summary>dW[m, n] += Σ_r dy[r, m] · x[r, n] for one tile of dW, over all rows in order; on a device for all of dW.</summary>
    public static void WeightGradient(in Worker worker, long unit, Ref dy, int dyStride, Ref x, int xStride, long rows, Ref dw, int m, int n)
    {
        if (worker.Gpu is not null)
        {
            var columnsOfDy = new GpuFactor(GpuQueue.At(dy), dyStride, Deep: false);
            GpuWeightGradient(worker, columnsOfDy, new GpuFactor(GpuQueue.At(x), xStride, Deep: false), 1, rows, dw, m, n);
            return;
        }

        long across = Blocks(n, GradientColumns);
        long top = unit / across * GradientRows;
        long left = unit % across * GradientColumns;
        int height = (int)Math.Min(GradientRows, m - top);
        int width = (int)Math.Min(GradientColumns, n - left);
        Ref right = worker.Scratch(0, WeightGradientScratch);
        float* gradient = right.Pointer + (long)Depth * GradientColumns;
        float* tile = dw.Pointer + top * n + left;
        for (long row = 0; row < rows; row += Depth)
        {
            int depth = (int)Math.Min(Depth, rows - row);
            Pack(x + (row * xStride + left), xStride, depth, width, transposed: false, right);
            PackTiles(dy.Pointer + row * dyStride + top, dyStride, depth, height, gradient);
            var a = new Left(gradient, 1, TileRows, (long)TileRows * depth);
            Multiply(worker.Lanes, a, right.Pointer, tile, n, height, depth, width, accumulate: true);
        }
    }

    /// <summary>Columns of dy become tiles of 12 rows of dyᵀ that lie side by side in memory, in the order the kernel broadcasts them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTiles(float* source, long stride, int depth, int height, float* tiles)
    {
        for (int i = 0; i < depth; i++, source += stride, tiles += TileRows)
        {
            float* to = tiles;
            int first = 0;
            for (; first + TileRows <= height; first += TileRows, to += (long)depth * TileRows)
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
}
