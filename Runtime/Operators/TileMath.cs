using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Graph.Execution;
using Graph.Lanes;

namespace Graph.Operators;

/// <summary>
/// Small matrix products and packing for tile operators. Matrices are row-major; every width touched by a lane is a
/// multiple of the lane, which callers get by padding and by <see cref="Divides"/>.
/// </summary>
internal static class TileMath
{
    /// <summary>Summed indices of a pass: 128 rows of four 16-float lanes fill two thirds of a 48 KB first-level cache.</summary>
    private const int Depth = 128;

    /// <summary>The value rounded up to whole 16-float lanes.</summary>
    public static int Pad(int n) => (n + 15) & ~15;

    /// <summary>Whether the worker may use lanes of <paramref name="width"/> floats on rows of <paramref name="n"/>.</summary>
    public static bool Divides(in Worker worker, int width, int n) => worker.Lanes >= width && n % width == 0;

    /// <summary>
    /// C[m,n] = A[m,k] B[k,n], or += when <paramref name="add"/>. Element (i, l) of A is <c>a[i*aRow + l*aColumn]</c>, so a
    /// transposed A costs nothing: its elements are broadcast. Every element of C is one chain over k, whatever the blocks.
    /// </summary>
    public static void Multiply<V>(int m, int n, int k, Ref a, long aRow, long aColumn, Ref b, long bRow, Ref c, long cRow, bool add)
        where V : struct, ISimdLane<V>
    {
        int passes = (k + Depth - 1) / Depth;
        int step = (k + passes - 1) / passes;
        for (int first = 0; first < k; first += step)
        {
            Pass<V>(m, n, Math.Min(step, k - first), a + first * aColumn, aRow, aColumn, b + first * bRow, bRow, c, cRow, add || first > 0);
        }
    }

    /// <summary>Columns outside rows: a block of B stays in the first-level cache while all rows of A meet it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pass<V>(int m, int n, int k, Ref a, long aRow, long aColumn, Ref b, long bRow, Ref c, long cRow, bool add)
        where V : struct, ISimdLane<V>
    {
        int j = 0;
        for (; j + 4 * V.Width <= n; j += 4 * V.Width)
        {
            int i = 0;
            for (; i + 4 <= m; i += 4)
            {
                Tile4x4<V>(k, a + i * aRow, aRow, aColumn, b + j, bRow, c + (i * cRow + j), cRow, add);
            }

            for (; i < m; i++)
            {
                Tile1x4<V>(k, a + i * aRow, aColumn, b + j, bRow, c + (i * cRow + j), add);
            }
        }

        // The rest: three, two or one vector of columns.
        int rest = (n - j) / V.Width;
        for (int i = 0; rest > 0 && i < m;)
        {
            Ref left = a + i * aRow, right = b + j, to = c + (i * cRow + j);
            if (i + 4 > m)
            {
                for (int part = 0; part < rest * V.Width; part += V.Width)
                {
                    Tile1x1<V>(k, left, aColumn, right + part, bRow, to + part, add);
                }

                i++;
                continue;
            }

            switch (rest)
            {
                case 3:
                    Tile4x3<V>(k, left, aRow, aColumn, right, bRow, to, cRow, add);
                    break;
                case 2:
                    Tile4x2<V>(k, left, aRow, aColumn, right, bRow, to, cRow, add);
                    break;
                default:
                    Tile4x1<V>(k, left, aRow, aColumn, right, bRow, to, cRow, add);
                    break;
            }

            i += 4;
        }
    }

    /// <summary>16 accumulators stay in registers over the whole inner dimension (236 GFLOP/s a core measured, mamba2.md 3.7).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x4<V>(int k, Ref a, long aRow, long aColumn, Ref b, long bRow, Ref c, long cRow, bool add)
        where V : struct, ISimdLane<V>
    {
        int w = V.Width;
        Ref c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
        V s00 = V.Zero, s01 = V.Zero, s02 = V.Zero, s03 = V.Zero, s10 = V.Zero, s11 = V.Zero, s12 = V.Zero, s13 = V.Zero;
        V s20 = V.Zero, s21 = V.Zero, s22 = V.Zero, s23 = V.Zero, s30 = V.Zero, s31 = V.Zero, s32 = V.Zero, s33 = V.Zero;
        if (add)
        {
            (s00, s01, s02, s03) = (V.Load(c, 0), V.Load(c, w), V.Load(c, 2 * w), V.Load(c, 3 * w));
            (s10, s11, s12, s13) = (V.Load(c1, 0), V.Load(c1, w), V.Load(c1, 2 * w), V.Load(c1, 3 * w));
            (s20, s21, s22, s23) = (V.Load(c2, 0), V.Load(c2, w), V.Load(c2, 2 * w), V.Load(c2, 3 * w));
            (s30, s31, s32, s33) = (V.Load(c3, 0), V.Load(c3, w), V.Load(c3, 2 * w), V.Load(c3, 3 * w));
        }

        Ref a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
        for (int l = 0; l < k; l++)
        {
            V b0 = V.Load(b, 0), b1 = V.Load(b, w), b2 = V.Load(b, 2 * w), b3 = V.Load(b, 3 * w);
            b += bRow;
            V v = V.Of(a[0]);
            s00 = V.MulAdd(v, b0, s00);
            s01 = V.MulAdd(v, b1, s01);
            s02 = V.MulAdd(v, b2, s02);
            s03 = V.MulAdd(v, b3, s03);
            v = V.Of(a1[0]);
            s10 = V.MulAdd(v, b0, s10);
            s11 = V.MulAdd(v, b1, s11);
            s12 = V.MulAdd(v, b2, s12);
            s13 = V.MulAdd(v, b3, s13);
            v = V.Of(a2[0]);
            s20 = V.MulAdd(v, b0, s20);
            s21 = V.MulAdd(v, b1, s21);
            s22 = V.MulAdd(v, b2, s22);
            s23 = V.MulAdd(v, b3, s23);
            v = V.Of(a3[0]);
            s30 = V.MulAdd(v, b0, s30);
            s31 = V.MulAdd(v, b1, s31);
            s32 = V.MulAdd(v, b2, s32);
            s33 = V.MulAdd(v, b3, s33);
            a += aColumn;
            a1 += aColumn;
            a2 += aColumn;
            a3 += aColumn;
        }

        V.Store(s00, c, 0);
        V.Store(s01, c, w);
        V.Store(s02, c, 2 * w);
        V.Store(s03, c, 3 * w);
        V.Store(s10, c1, 0);
        V.Store(s11, c1, w);
        V.Store(s12, c1, 2 * w);
        V.Store(s13, c1, 3 * w);
        V.Store(s20, c2, 0);
        V.Store(s21, c2, w);
        V.Store(s22, c2, 2 * w);
        V.Store(s23, c2, 3 * w);
        V.Store(s30, c3, 0);
        V.Store(s31, c3, w);
        V.Store(s32, c3, 2 * w);
        V.Store(s33, c3, 3 * w);
    }

    /// <summary>Twelve accumulators, for rows of 112 floats: 64 and 48.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x3<V>(int k, Ref a, long aRow, long aColumn, Ref b, long bRow, Ref c, long cRow, bool add)
        where V : struct, ISimdLane<V>
    {
        int w = V.Width;
        Ref c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
        V s00 = V.Zero, s01 = V.Zero, s02 = V.Zero, s10 = V.Zero, s11 = V.Zero, s12 = V.Zero;
        V s20 = V.Zero, s21 = V.Zero, s22 = V.Zero, s30 = V.Zero, s31 = V.Zero, s32 = V.Zero;
        if (add)
        {
            (s00, s01, s02, s10, s11, s12) = (V.Load(c, 0), V.Load(c, w), V.Load(c, 2 * w), V.Load(c1, 0), V.Load(c1, w), V.Load(c1, 2 * w));
            (s20, s21, s22, s30, s31, s32) = (V.Load(c2, 0), V.Load(c2, w), V.Load(c2, 2 * w), V.Load(c3, 0), V.Load(c3, w), V.Load(c3, 2 * w));
        }

        Ref a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
        for (int l = 0; l < k; l++)
        {
            V b0 = V.Load(b, 0), b1 = V.Load(b, w), b2 = V.Load(b, 2 * w);
            b += bRow;
            V v = V.Of(a[0]);
            (s00, s01, s02) = (V.MulAdd(v, b0, s00), V.MulAdd(v, b1, s01), V.MulAdd(v, b2, s02));
            v = V.Of(a1[0]);
            (s10, s11, s12) = (V.MulAdd(v, b0, s10), V.MulAdd(v, b1, s11), V.MulAdd(v, b2, s12));
            v = V.Of(a2[0]);
            (s20, s21, s22) = (V.MulAdd(v, b0, s20), V.MulAdd(v, b1, s21), V.MulAdd(v, b2, s22));
            v = V.Of(a3[0]);
            (s30, s31, s32) = (V.MulAdd(v, b0, s30), V.MulAdd(v, b1, s31), V.MulAdd(v, b2, s32));
            a += aColumn;
            a1 += aColumn;
            a2 += aColumn;
            a3 += aColumn;
        }

        V.Store(s00, c, 0);
        V.Store(s01, c, w);
        V.Store(s02, c, 2 * w);
        V.Store(s10, c1, 0);
        V.Store(s11, c1, w);
        V.Store(s12, c1, 2 * w);
        V.Store(s20, c2, 0);
        V.Store(s21, c2, w);
        V.Store(s22, c2, 2 * w);
        V.Store(s30, c3, 0);
        V.Store(s31, c3, w);
        V.Store(s32, c3, 2 * w);
    }

    /// <summary>Eight accumulators: just enough independent chains to hide the latency of the multiply-add.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2<V>(int k, Ref a, long aRow, long aColumn, Ref b, long bRow, Ref c, long cRow, bool add)
        where V : struct, ISimdLane<V>
    {
        int w = V.Width;
        Ref c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
        V s00 = V.Zero, s01 = V.Zero, s10 = V.Zero, s11 = V.Zero, s20 = V.Zero, s21 = V.Zero, s30 = V.Zero, s31 = V.Zero;
        if (add)
        {
            (s00, s01, s10, s11) = (V.Load(c, 0), V.Load(c, w), V.Load(c1, 0), V.Load(c1, w));
            (s20, s21, s30, s31) = (V.Load(c2, 0), V.Load(c2, w), V.Load(c3, 0), V.Load(c3, w));
        }

        Ref a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
        for (int l = 0; l < k; l++)
        {
            V b0 = V.Load(b, 0), b1 = V.Load(b, w);
            b += bRow;
            V v = V.Of(a[0]);
            s00 = V.MulAdd(v, b0, s00);
            s01 = V.MulAdd(v, b1, s01);
            v = V.Of(a1[0]);
            s10 = V.MulAdd(v, b0, s10);
            s11 = V.MulAdd(v, b1, s11);
            v = V.Of(a2[0]);
            s20 = V.MulAdd(v, b0, s20);
            s21 = V.MulAdd(v, b1, s21);
            v = V.Of(a3[0]);
            s30 = V.MulAdd(v, b0, s30);
            s31 = V.MulAdd(v, b1, s31);
            a += aColumn;
            a1 += aColumn;
            a2 += aColumn;
            a3 += aColumn;
        }

        V.Store(s00, c, 0);
        V.Store(s01, c, w);
        V.Store(s10, c1, 0);
        V.Store(s11, c1, w);
        V.Store(s20, c2, 0);
        V.Store(s21, c2, w);
        V.Store(s30, c3, 0);
        V.Store(s31, c3, w);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x1<V>(int k, Ref a, long aRow, long aColumn, Ref b, long bRow, Ref c, long cRow, bool add)
        where V : struct, ISimdLane<V>
    {
        Ref c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
        V s0 = V.Zero, s1 = V.Zero, s2 = V.Zero, s3 = V.Zero;
        if (add)
        {
            (s0, s1, s2, s3) = (V.Load(c, 0), V.Load(c1, 0), V.Load(c2, 0), V.Load(c3, 0));
        }

        Ref a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
        for (int l = 0; l < k; l++)
        {
            V v = V.Load(b, l * bRow);
            long at = l * aColumn;
            s0 = V.MulAdd(V.Of(a[at]), v, s0);
            s1 = V.MulAdd(V.Of(a1[at]), v, s1);
            s2 = V.MulAdd(V.Of(a2[at]), v, s2);
            s3 = V.MulAdd(V.Of(a3[at]), v, s3);
        }

        V.Store(s0, c, 0);
        V.Store(s1, c1, 0);
        V.Store(s2, c2, 0);
        V.Store(s3, c3, 0);
    }

    /// <summary>A row that is left over: four chains, where one alone would wait for every multiply-add.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x4<V>(int k, Ref a, long aColumn, Ref b, long bRow, Ref c, bool add)
        where V : struct, ISimdLane<V>
    {
        int w = V.Width;
        V s0 = V.Zero, s1 = V.Zero, s2 = V.Zero, s3 = V.Zero;
        if (add)
        {
            (s0, s1, s2, s3) = (V.Load(c, 0), V.Load(c, w), V.Load(c, 2 * w), V.Load(c, 3 * w));
        }

        for (int l = 0; l < k; l++)
        {
            V v = V.Of(a[0]);
            s0 = V.MulAdd(v, V.Load(b, 0), s0);
            s1 = V.MulAdd(v, V.Load(b, w), s1);
            s2 = V.MulAdd(v, V.Load(b, 2 * w), s2);
            s3 = V.MulAdd(v, V.Load(b, 3 * w), s3);
            a += aColumn;
            b += bRow;
        }

        V.Store(s0, c, 0);
        V.Store(s1, c, w);
        V.Store(s2, c, 2 * w);
        V.Store(s3, c, 3 * w);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x1<V>(int k, Ref a, long aColumn, Ref b, long bRow, Ref c, bool add)
        where V : struct, ISimdLane<V>
    {
        V sum = add ? V.Load(c, 0) : V.Zero;
        for (int l = 0; l < k; l++)
        {
            sum = V.MulAdd(V.Of(a[l * aColumn]), V.Load(b, l * bRow), sum);
        }

        V.Store(sum, c, 0);
    }

    /// <summary>Copies rows into a contiguous tile: rows of one head lie whole kilobytes apart and would share L1 sets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(int rows, int columns, Ref source, long stride, Ref target)
    {
        for (int i = 0; i < rows; i++)
        {
            (source + i * stride).Span(columns).CopyTo((target + (long)i * columns).Span(columns));
        }
    }

    /// <summary>target[columns, width] = sourceᵀ, padded with zeros to <paramref name="width"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Transpose(int rows, int columns, Ref source, long stride, Ref target, int width)
    {
        int deep = Avx.IsSupported ? rows & ~7 : 0, wide = columns & ~7;
        for (int i = 0; i < deep; i += 8)
        {
            for (int j = 0; j < wide; j += 8)
            {
                MatMul.Transpose8(source.Pointer + i * stride + j, stride, target.Pointer + (long)j * width + i, width);
            }
        }

        for (int i = 0; i < rows; i++)
        {
            for (int j = i < deep ? wide : 0; j < columns; j++)
            {
                target[(long)j * width + i] = source[i * stride + j];
            }
        }

        for (int j = 0; j < columns && rows < width; j++)
        {
            (target + ((long)j * width + rows)).Span(width - rows).Clear();
        }
    }

    /// <summary>Dot product of two rows of <paramref name="n"/> floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot<V>(Ref a, Ref b, long n)
        where V : struct, ISimdLane<V>
    {
        V sum = V.Zero;
        for (long i = 0; i < n; i += V.Width)
        {
            sum = V.MulAdd(V.Load(a, i), V.Load(b, i), sum);
        }

        return V.Sum(sum);
    }

    /// <summary>target = factor source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaleTo<V>(float factor, Ref source, Ref target, long n)
        where V : struct, ISimdLane<V>
    {
        V f = V.Of(factor);
        for (long i = 0; i < n; i += V.Width)
        {
            V.Store(f * V.Load(source, i), target, i);
        }
    }
}
