using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Graph.Execution;

namespace Graph.Operators;

// Products whose factors are rounded to bfloat16, for workers that ask for it (Worker.Bfloat16). Two neighbours along the summed index are one
// 32-bit word: a panel of pairs has the shape of a float32 panel of half the depth, so everything around the tile is shared with float32.
public static unsafe partial class MatMul
{
    /// <summary>
    /// Scratch floats that <see cref="Rows"/> and <see cref="RowsBackward"/> use at most for left factors in bfloat16: 48 rows stay together up
    /// to k = 5,460. With float32 they use none.
    /// </summary>
    public const long RoundedScratch = 1 << 17;

    /// <summary>Steps of a tile for a sum of length k.</summary>
    private static int Steps(in Worker worker, int k) => worker.Bfloat16 ? Pairs(k) : k;

    /// <summary>Length of a sum that one pass takes.</summary>
    private static int PassDepth(in Worker worker) => worker.Bfloat16 ? 2 * Depth : Depth;

    private static int Pairs(int k) => (k + 1) / 2;

    /// <summary>
    /// C[rows, n] = or += A · B: A[rows, k], or with <paramref name="transposed"/> the transpose of A[k, rows], is rounded into scratch, as many
    /// rows at once as <paramref name="room"/> floats from <paramref name="offset"/> on can take.
    /// </summary>
    private static void MultiplyRounded(in Worker worker, long offset, long room, float* a, long aStride, bool transposed, float* packed, float* c, long cStride, int rows, int k, int n, bool accumulate)
    {
        int pairs = Pairs(k);
        long fits = Math.Max(1, room / pairs);
        int most = (int)Math.Min(rows, fits < TileRows ? fits : fits / TileRows * TileRows);
        float* rounded = worker.Scratch(offset, (long)most * pairs).Pointer;
        for (int row = 0; row < rows; row += most)
        {
            int height = Math.Min(most, rows - row);
            Left left;
            if (transposed)
            {
                RoundColumns(a + row, aStride, k, height, rounded, height);
                left = new Left(rounded, 1, height, TileRows);
            }
            else
            {
                RoundRows(a + row * aStride, aStride, height, k, rounded);
                left = new Left(rounded, pairs, 1, (long)TileRows * pairs);
            }

            Multiply(worker, left, packed, c + row * cStride, cStride, height, pairs, n, accumulate);
        }
    }

    private static void MultiplyTileOfPairs(int lanes, float* a, long row, long step, float* panel, float* ahead, float* c, long cStride, int rows, int steps, bool accumulate)
    {
        if (lanes == 16 && Bfloat16Tile.IsSupported)
        {
            Bfloat16Tile.Run(a, row, step, panel, ahead, c, cStride, rows, steps, accumulate);
        }
        else
        {
            TileOfPairs(a, row, step, panel, c, cStride, rows, steps, accumulate);
        }
    }

    /// <summary>
    /// The tile where the processor has no such instruction: the same rounding, pairs in the same order, but two fused multiply-adds in place of
    /// one dot product, so that last bits may differ from the hardware's (which also takes subnormal values for zero). For agreement, not for speed.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TileOfPairs(float* a, long row, long step, float* panel, float* c, long cStride, int rows, int steps, bool accumulate)
    {
        const int Width = 8;
        for (int i = 0; i < rows; i++, a += row, c += cStride)
        {
            for (int j = 0; j < Panel; j += 2 * Width)
            {
                var left = accumulate ? Vector256.Load(c + j) : default;
                var right = accumulate ? Vector256.Load(c + j + Width) : default;
                uint* pair = (uint*)a;
                uint* b = (uint*)panel + j;
                for (int s = 0; s < steps; s++, pair += step, b += Panel)
                {
                    var low = Vector256.Create(*pair << 16).AsSingle();
                    var high = Vector256.Create(*pair & HighHalf).AsSingle();
                    var (b0, b1) = (Vector256.Load(b), Vector256.Load(b + Width));
                    left = Vector256.FusedMultiplyAdd(high, (b0 & Vector256.Create(HighHalf)).AsSingle(), left);
                    right = Vector256.FusedMultiplyAdd(high, (b1 & Vector256.Create(HighHalf)).AsSingle(), right);
                    left = Vector256.FusedMultiplyAdd(low, (b0 << 16).AsSingle(), left);
                    right = Vector256.FusedMultiplyAdd(low, (b1 << 16).AsSingle(), right);
                }

                Vector256.Store(left, c + j);
                Vector256.Store(right, c + j + Width);
            }
        }
    }
}
