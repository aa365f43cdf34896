using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Graph.Execution;

namespace Graph.Operators;

public static unsafe partial class MatMul
{
    /// <summary>Floats that <see cref="Pack"/> writes for B[k, n]; in bfloat16 one for two rows.</summary>
    public static long PackedLength(int k, int n, bool bfloat16 = false) => Blocks(n, Panel) * Panel * (bfloat16 ? Pairs(k) : k);

    /// <summary>Copies B[k, n] into panels of 32 columns, k rows each; columns beyond n are zero.</summary>
    /// <param name="source">B row by row, or its transpose.</param>
    /// <param name="stride">Floats between rows of <paramref name="source"/>.</param>
    /// <param name="k">Rows of B.</param>
    /// <param name="n">Columns of B.</param>
    /// <param name="transposed">The source is [n, k], e.g. a linear weight [out, in] for the forward product.</param>
    /// <param name="packed">Room for <see cref="PackedLength"/> floats.</param>
    /// <param name="bfloat16">For a worker that multiplies in bfloat16: values are rounded, two rows share a word.</param>
    public static void Pack(Ref source, int stride, int k, int n, bool transposed, Ref packed, bool bfloat16 = false)
    {
        if (!transposed)
        {
            if (bfloat16)
            {
                PackPairsOfRows(source.Pointer, stride, k, n, packed.Pointer);
            }
            else
            {
                PackRows(source.Pointer, stride, k, n, packed.Pointer);
            }

            return;
        }

        float* panel = packed.Pointer;
        long length = PackedLength(k, Panel, bfloat16);
        for (int column = 0; column < n; column += Panel, panel += length)
        {
            float* rows = source.Pointer + (long)column * stride;
            int columns = Math.Min(Panel, n - column);
            if (bfloat16)
            {
                PackPairsTransposed(rows, stride, k, columns, panel);
            }
            else
            {
                PackTransposed(rows, stride, k, columns, panel);
            }
        }
    }

    /// <summary>Row by row through all panels: whole rows suit the prefetcher and touch each page once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackRows(float* source, long stride, int k, int n, float* packed)
    {
        int full = n & ~(Panel - 1);
        for (int i = 0; i < k; i++, source += stride, packed += Panel)
        {
            float* to = packed;
            for (int j = 0; j < full; j += Panel, to += (long)k * Panel)
            {
                Vector512.Store(Vector512.Load(source + j), to);
                Vector512.Store(Vector512.Load(source + j + 16), to + 16);
            }

            if (full < n)
            {
                new Span<float>(source + full, n - full).CopyTo(new Span<float>(to, n - full));
                new Span<float>(to + n - full, Panel - n + full).Clear();
            }
        }
    }

    /// <summary>Source rows become panel columns; 8x8 blocks go through registers, since strided scalar stores cost as much as the product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTransposed(float* source, long stride, int k, int columns, float* panel)
    {
        int wide = Avx.IsSupported ? columns & ~7 : 0;
        int deep = k & ~7;
        for (int i = 0; i < deep; i += 8)
        {
            for (int j = 0; j < wide; j += 8)
            {
                Transpose8(source + j * stride + i, stride, panel + (long)i * Panel + j, Panel);
            }
        }

        for (int j = 0; j < columns; j++)
        {
            for (int i = j < wide ? deep : 0; i < k; i++)
            {
                panel[(long)i * Panel + j] = source[j * stride + i];
            }
        }

        for (int i = 0; columns < Panel && i < k; i++)
        {
            new Span<float>(panel + (long)i * Panel + columns, Panel - columns).Clear();
        }
    }

    /// <summary>d = sᵀ, eight rows of eight, in registers; <see cref="Avx"/> only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Transpose8(float* s, long stride, float* d, long to)
    {
        var x0 = Vector256.Load(s);
        var x1 = Vector256.Load(s + stride);
        var x2 = Vector256.Load(s + 2 * stride);
        var x3 = Vector256.Load(s + 3 * stride);
        var x4 = Vector256.Load(s + 4 * stride);
        var x5 = Vector256.Load(s + 5 * stride);
        var x6 = Vector256.Load(s + 6 * stride);
        var x7 = Vector256.Load(s + 7 * stride);
        var t0 = Avx.UnpackLow(x0, x1);
        var t1 = Avx.UnpackHigh(x0, x1);
        var t2 = Avx.UnpackLow(x2, x3);
        var t3 = Avx.UnpackHigh(x2, x3);
        var t4 = Avx.UnpackLow(x4, x5);
        var t5 = Avx.UnpackHigh(x4, x5);
        var t6 = Avx.UnpackLow(x6, x7);
        var t7 = Avx.UnpackHigh(x6, x7);
        var u0 = Avx.Shuffle(t0, t2, 0x44);
        var u1 = Avx.Shuffle(t0, t2, 0xEE);
        var u2 = Avx.Shuffle(t1, t3, 0x44);
        var u3 = Avx.Shuffle(t1, t3, 0xEE);
        var u4 = Avx.Shuffle(t4, t6, 0x44);
        var u5 = Avx.Shuffle(t4, t6, 0xEE);
        var u6 = Avx.Shuffle(t5, t7, 0x44);
        var u7 = Avx.Shuffle(t5, t7, 0xEE);
        Avx.Permute2x128(u0, u4, 0x20).Store(d);
        Avx.Permute2x128(u1, u5, 0x20).Store(d + to);
        Avx.Permute2x128(u2, u6, 0x20).Store(d + 2 * to);
        Avx.Permute2x128(u3, u7, 0x20).Store(d + 3 * to);
        Avx.Permute2x128(u0, u4, 0x31).Store(d + 4 * to);
        Avx.Permute2x128(u1, u5, 0x31).Store(d + 5 * to);
        Avx.Permute2x128(u2, u6, 0x31).Store(d + 6 * to);
        Avx.Permute2x128(u3, u7, 0x31).Store(d + 7 * to);
    }
}
