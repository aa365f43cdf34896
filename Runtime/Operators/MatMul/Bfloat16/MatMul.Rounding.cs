using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Graph.Operators;

// Rounding to bfloat16 and packing of pairs. The lower half of a word is the earlier index of the sum; an odd last one is paired with zero.
public static unsafe partial class MatMul
{
    private const uint HighHalf = 0xFFFF_0000;

    /// <summary>Pairs of a row that are transposed at once: eight such rows stay in the first-level cache.</summary>
    private const int TransposedPairs = 64;

    /// <summary>Rows of k floats become rows of pairs, without gaps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RoundRows(float* source, long stride, int rows, int k, float* to)
    {
        for (int i = 0; i < rows; i++, source += stride)
        {
            int j = 0;
            for (; j + 32 <= k; j += 32, to += 16)
            {
                var low = Rounded(Vector512.Load(source + j)) >> 16;
                var high = Rounded(Vector512.Load(source + j + 16)) >> 16;
                Vector512.Store(Vector512.Narrow(low, high).AsSingle(), to);
            }

            for (; j < k; j += 2, to++)
            {
                *(uint*)to = PairOf(source[j], j + 1 < k ? source[j + 1] : 0);
            }
        }
    }

    /// <summary>Two rows of <paramref name="count"/> floats become one row of pairs, k rows half as many, <paramref name="pitch"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RoundColumns(float* source, long stride, int k, int count, float* to, long pitch)
    {
        for (int i = 0; i + 2 <= k; i += 2, source += 2 * stride, to += pitch)
        {
            float* next = source + stride;
            int j = 0;
            for (; j + 16 <= count; j += 16)
            {
                var low = Rounded(Vector512.Load(source + j)) >> 16;
                var high = Rounded(Vector512.Load(next + j)) & Vector512.Create(HighHalf);
                Vector512.Store((low | high).AsSingle(), to + j);
            }

            for (; j < count; j++)
            {
                ((uint*)to)[j] = PairOf(source[j], next[j]);
            }
        }

        for (int j = 0; k % 2 != 0 && j < count; j++)
        {
            ((uint*)to)[j] = PairOf(source[j], 0);
        }
    }

    /// <summary><see cref="PackTiles"/> in pairs: two rows of dy are one step.</summary>
    [SkipLocalsInit]
    private static void PackTilesOfPairs(float* source, long stride, int depth, int height, float* tiles, long length)
    {
        float* row = stackalloc float[GradientRows];
        for (int i = 0; i < depth; i += 2, source += 2 * stride, tiles += TileRows)
        {
            PrefetchRow(source + RowsAhead * stride, height);
            PrefetchRow(source + (RowsAhead + 1) * stride, height);
            RoundColumns(source, stride, Math.Min(2, depth - i), height, row, height);
            PackTileRow(row, height, tiles, length);
        }
    }

    /// <summary><see cref="PackRows"/> in pairs: two rows at a time through all panels, or all rows of the only one.</summary>
    private static void PackPairsOfRows(float* source, long stride, int k, int n, float* packed)
    {
        long length = (long)Pairs(k) * Panel;
        int atOnce = n > Panel ? 2 : k;
        for (int i = 0; i < k; i += atOnce, source += atOnce * stride, packed += Pairs(atOnce) * Panel)
        {
            float* to = packed;
            for (int j = 0; j < n; j += Panel, to += length)
            {
                int rows = Math.Min(atOnce, k - i), columns = Math.Min(Panel, n - j);
                RoundColumns(source + j, stride, rows, columns, to, Panel);
                for (int pair = 0; columns < Panel && pair < Pairs(rows); pair++)
                {
                    new Span<float>(to + pair * Panel + columns, Panel - columns).Clear();
                }
            }
        }
    }

    /// <summary><see cref="PackTransposed"/> in pairs: eight source rows are rounded, then their pairs change places in blocks of 8 x 8.</summary>
    [SkipLocalsInit]
    private static void PackPairsTransposed(float* source, long stride, int k, int columns, float* panel)
    {
        float* rounded = stackalloc float[8 * TransposedPairs];
        for (int first = 0; first < k; first += 2 * TransposedPairs, panel += TransposedPairs * Panel)
        {
            int depth = Math.Min(2 * TransposedPairs, k - first), pairs = Pairs(depth);
            for (int j = 0; j < columns; j += 8)
            {
                int wide = Math.Min(8, columns - j);
                RoundRows(source + j * stride + first, stride, wide, depth, rounded);
                TransposePairs(rounded, wide, pairs, panel + j);
            }

            for (int i = 0; columns < Panel && i < pairs; i++)
            {
                new Span<float>(panel + (long)i * Panel + columns, Panel - columns).Clear();
            }
        }
    }

    private static void TransposePairs(float* source, int rows, int pairs, float* to)
    {
        int blocks = rows == 8 && Avx.IsSupported ? pairs & ~7 : 0;
        for (int i = 0; i < blocks; i += 8)
        {
            Transpose8(source + i, pairs, to + (long)i * Panel, Panel);
        }

        for (int i = blocks; i < pairs; i++)
        {
            for (int j = 0; j < rows; j++)
            {
                to[(long)i * Panel + j] = source[j * pairs + i];
            }
        }
    }

    /// <summary>The upper half of each element is its value in bfloat16, the lower half is not of interest. To nearest, ties to even; what is no number stays none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Rounded(Vector512<float> x)
    {
        var bits = x.AsUInt32();
        var rounded = bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x).AsUInt32(), rounded, Vector512.Create(0x7FFF_0000u));
    }

    private static uint Rounded(float x)
    {
        uint bits = BitConverter.SingleToUInt32Bits(x);
        return float.IsNaN(x) ? 0x7FFF_0000 : bits + 0x7FFF + ((bits >> 16) & 1);
    }

    private static uint PairOf(float low, float high) => (Rounded(low) >> 16) | (Rounded(high) & HighHalf);
}
