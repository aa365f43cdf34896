using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Graph.Execution;
using Graph.Lanes;

namespace Graph.Operators;

public static unsafe partial class MatMul
{
    /// <summary>One panel: C[rows, columns] = or += A · panel. Never touches columns of C beyond <paramref name="columns"/>.</summary>
    private static void MultiplyPanel<TRight>(in Worker worker, Left a, float* panel, Ahead ahead, float* c, long cStride, int rows, int columns, int steps, bool accumulate)
        where TRight : struct, IRightRows
    {
        float* start = a.Start;
        for (int row = 0; row < rows; row += TileRows, start += a.Tile, c += TileRows * cStride)
        {
            int height = Math.Min(TileRows, rows - row);
            if (columns == Panel)
            {
                MultiplyTile<TRight>(worker, start, a.Row, a.Step, panel, ahead.Of(row / TileRows), c, cStride, height, steps, accumulate);
            }
            else
            {
                MultiplyEdge(worker, start, a.Row, a.Step, panel, c, cStride, height, columns, steps, accumulate);
            }
        }
    }

    /// <summary>A tile narrower than the panel goes through a full-width copy: the padding of the panel makes the rest zero.</summary>
    [SkipLocalsInit]
    private static void MultiplyEdge(in Worker worker, float* a, long row, long step, float* panel, float* c, long cStride, int rows, int columns, int steps, bool accumulate)
    {
        float* tile = stackalloc float[TileRows * Panel];
        if (accumulate)
        {
            new Span<float>(tile, TileRows * Panel).Clear();
            for (int i = 0; i < rows; i++)
            {
                new Span<float>(c + i * cStride, columns).CopyTo(new Span<float>(tile + i * Panel, columns));
            }
        }

        MultiplyTile<PackedWeight>(worker, a, row, step, panel, new Ahead(panel, 0, 0), tile, Panel, rows, steps, accumulate);
        for (int i = 0; i < rows; i++)
        {
            new Span<float>(tile + i * Panel, columns).CopyTo(new Span<float>(c + i * cStride, columns));
        }
    }

    private static void MultiplyTile<TRight>(in Worker worker, float* a, long row, long step, float* panel, Ahead ahead, float* c, long cStride, int rows, int k, bool accumulate)
        where TRight : struct, IRightRows
    {
        if (worker.Bfloat16)
        {
            MultiplyTileOfPairs(worker.Lanes, a, row, step, panel, ahead.Start, c, cStride, rows, k, accumulate);
            return;
        }

        switch (worker.Lanes)
        {
            case 16 when rows == TileRows:
                Tile12<TRight>(a, row, step, panel, Panel, null, ahead, c, cStride, k, accumulate);
                break;
            case 16:
                Tiles<V512>(a, row, step, panel, c, cStride, rows, k, accumulate);
                break;
            case 8:
                Tiles<V256>(a, row, step, panel, c, cStride, rows, k, accumulate);
                break;
            case 4:
                Tiles<V128>(a, row, step, panel, c, cStride, rows, k, accumulate);
                break;
            default:
                Tiles<F32>(a, row, step, panel, c, cStride, rows, k, accumulate);
                break;
        }
    }

    /// <summary>At most 12 rows by a panel in tiles of four rows and of one. Four rows by two vectors are just enough independent chains to hide the latency of the multiply-add.</summary>
    private static void Tiles<T>(float* a, long row, long step, float* panel, float* c, long cStride, int rows, int k, bool accumulate)
        where T : struct, ISimdLane<T>
    {
        for (; rows >= 4; rows -= 4, a += 4 * row, c += 4 * cStride)
        {
            for (int j = 0; j < Panel; j += 2 * T.Width)
            {
                Tile4<T>(a, row, step, panel + j, c + j, cStride, k, accumulate);
            }
        }

        for (; rows > 0; rows--, a += row, c += cStride)
        {
            for (int j = 0; j < Panel; j += 2 * T.Width)
            {
                Tile1<T>(a, step, panel + j, c + j, k, accumulate);
            }
        }
    }

    /// <summary>Where the rows of B come from: constants for the compiler, for a spare register or instruction costs the tile 2 %.</summary>
    private interface IRightRows
    {
        /// <summary>The tile stores the rows that it reads as a panel for the tiles below it.</summary>
        static abstract bool Pack { get; }

        /// <summary>Floats between the lines that are fetched ahead; 0: as <see cref="Ahead.Step"/> says.</summary>
        static abstract long AheadStep { get; }
    }

    /// <summary>Panels of a packed weight, one after the other in memory.</summary>
    private readonly struct PackedWeight : IRightRows
    {
        public static bool Pack => false;

        public static long AheadStep => MatMul.AheadStep;
    }

    /// <summary>Rows of an activation where they lie.</summary>
    private readonly struct RowsToPack : IRightRows
    {
        public static bool Pack => true;

        public static long AheadStep => 0;
    }

    /// <summary>Rows of an activation that the tile above has packed.</summary>
    private readonly struct RowsJustPacked : IRightRows
    {
        public static bool Pack => false;

        public static long AheadStep => 0;
    }

    /// <summary>12 rows by 32 columns: per step two loads of B, twelve broadcasts of A and 24 multiply-adds. Three rows share a pointer, so that the loop fits the integer registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile12<TRight>(float* a, long row, long step, float* b, long bStride, float* panel, Ahead next, float* c, long cStride, int k, bool accumulate)
        where TRight : struct, IRightRows
    {
        float* ahead = next.Start;
        long aheadStep = next.Step;
        long row2 = 2 * row;
        float* p0 = a;
        float* p1 = a + 3 * row;
        float* p2 = a + 6 * row;
        float* p3 = a + 9 * row;
        Vector512<float> c0l = default, c0r = default;
        Vector512<float> c1l = default, c1r = default;
        Vector512<float> c2l = default, c2r = default;
        Vector512<float> c3l = default, c3r = default;
        Vector512<float> c4l = default, c4r = default;
        Vector512<float> c5l = default, c5r = default;
        Vector512<float> c6l = default, c6r = default;
        Vector512<float> c7l = default, c7r = default;
        Vector512<float> c8l = default, c8r = default;
        Vector512<float> c9l = default, c9r = default;
        Vector512<float> c10l = default, c10r = default;
        Vector512<float> c11l = default, c11r = default;
        if (accumulate)
        {
            // The tile below is the next to be read, from far away: its rows lie in different pages.
            float* below = c + TileRows * cStride;
            for (int i = 0; Sse.IsSupported && i < TileRows; i++, below += cStride)
            {
                Sse.Prefetch0(below);
                Sse.Prefetch0(below + 16);
            }

            float* q = c;
            c0l = Vector512.Load(q);
            c0r = Vector512.Load(q + 16);
            q += cStride;
            c1l = Vector512.Load(q);
            c1r = Vector512.Load(q + 16);
            q += cStride;
            c2l = Vector512.Load(q);
            c2r = Vector512.Load(q + 16);
            q += cStride;
            c3l = Vector512.Load(q);
            c3r = Vector512.Load(q + 16);
            q += cStride;
            c4l = Vector512.Load(q);
            c4r = Vector512.Load(q + 16);
            q += cStride;
            c5l = Vector512.Load(q);
            c5r = Vector512.Load(q + 16);
            q += cStride;
            c6l = Vector512.Load(q);
            c6r = Vector512.Load(q + 16);
            q += cStride;
            c7l = Vector512.Load(q);
            c7r = Vector512.Load(q + 16);
            q += cStride;
            c8l = Vector512.Load(q);
            c8r = Vector512.Load(q + 16);
            q += cStride;
            c9l = Vector512.Load(q);
            c9r = Vector512.Load(q + 16);
            q += cStride;
            c10l = Vector512.Load(q);
            c10r = Vector512.Load(q + 16);
            q += cStride;
            c11l = Vector512.Load(q);
            c11r = Vector512.Load(q + 16);
        }

        for (int i = 0; i < k; i++)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch1(ahead);
                ahead += TRight.AheadStep == 0 ? aheadStep : TRight.AheadStep;
            }

            var left = Vector512.Load(b);
            var right = Vector512.Load(b + 16);
            if (TRight.Pack)
            {
                Vector512.Store(left, panel);
                Vector512.Store(right, panel + 16);
                panel += Panel;
                b += bStride;
            }
            else
            {
                b += Panel;
            }

            var x = Vector512.Create(p0[0]);
            c0l = Vector512.FusedMultiplyAdd(x, left, c0l);
            c0r = Vector512.FusedMultiplyAdd(x, right, c0r);
            x = Vector512.Create(p0[row]);
            c1l = Vector512.FusedMultiplyAdd(x, left, c1l);
            c1r = Vector512.FusedMultiplyAdd(x, right, c1r);
            x = Vector512.Create(p0[row2]);
            c2l = Vector512.FusedMultiplyAdd(x, left, c2l);
            c2r = Vector512.FusedMultiplyAdd(x, right, c2r);
            x = Vector512.Create(p1[0]);
            c3l = Vector512.FusedMultiplyAdd(x, left, c3l);
            c3r = Vector512.FusedMultiplyAdd(x, right, c3r);
            x = Vector512.Create(p1[row]);
            c4l = Vector512.FusedMultiplyAdd(x, left, c4l);
            c4r = Vector512.FusedMultiplyAdd(x, right, c4r);
            x = Vector512.Create(p1[row2]);
            c5l = Vector512.FusedMultiplyAdd(x, left, c5l);
            c5r = Vector512.FusedMultiplyAdd(x, right, c5r);
            x = Vector512.Create(p2[0]);
            c6l = Vector512.FusedMultiplyAdd(x, left, c6l);
            c6r = Vector512.FusedMultiplyAdd(x, right, c6r);
            x = Vector512.Create(p2[row]);
            c7l = Vector512.FusedMultiplyAdd(x, left, c7l);
            c7r = Vector512.FusedMultiplyAdd(x, right, c7r);
            x = Vector512.Create(p2[row2]);
            c8l = Vector512.FusedMultiplyAdd(x, left, c8l);
            c8r = Vector512.FusedMultiplyAdd(x, right, c8r);
            x = Vector512.Create(p3[0]);
            c9l = Vector512.FusedMultiplyAdd(x, left, c9l);
            c9r = Vector512.FusedMultiplyAdd(x, right, c9r);
            x = Vector512.Create(p3[row]);
            c10l = Vector512.FusedMultiplyAdd(x, left, c10l);
            c10r = Vector512.FusedMultiplyAdd(x, right, c10r);
            x = Vector512.Create(p3[row2]);
            c11l = Vector512.FusedMultiplyAdd(x, left, c11l);
            c11r = Vector512.FusedMultiplyAdd(x, right, c11r);
            p0 += step;
            p1 += step;
            p2 += step;
            p3 += step;
        }

        Vector512.Store(c0l, c);
        Vector512.Store(c0r, c + 16);
        c += cStride;
        Vector512.Store(c1l, c);
        Vector512.Store(c1r, c + 16);
        c += cStride;
        Vector512.Store(c2l, c);
        Vector512.Store(c2r, c + 16);
        c += cStride;
        Vector512.Store(c3l, c);
        Vector512.Store(c3r, c + 16);
        c += cStride;
        Vector512.Store(c4l, c);
        Vector512.Store(c4r, c + 16);
        c += cStride;
        Vector512.Store(c5l, c);
        Vector512.Store(c5r, c + 16);
        c += cStride;
        Vector512.Store(c6l, c);
        Vector512.Store(c6r, c + 16);
        c += cStride;
        Vector512.Store(c7l, c);
        Vector512.Store(c7r, c + 16);
        c += cStride;
        Vector512.Store(c8l, c);
        Vector512.Store(c8r, c + 16);
        c += cStride;
        Vector512.Store(c9l, c);
        Vector512.Store(c9r, c + 16);
        c += cStride;
        Vector512.Store(c10l, c);
        Vector512.Store(c10r, c + 16);
        c += cStride;
        Vector512.Store(c11l, c);
        Vector512.Store(c11r, c + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4<T>(float* a, long row, long step, float* b, float* c, long cStride, int k, bool accumulate)
        where T : struct, ISimdLane<T>
    {
        Ref from = new(b);
        Ref to = new(c);
        T c0l = accumulate ? T.Load(to, 0) : T.Zero;
        T c0r = accumulate ? T.Load(to, T.Width) : T.Zero;
        T c1l = accumulate ? T.Load(to, cStride) : T.Zero;
        T c1r = accumulate ? T.Load(to, cStride + T.Width) : T.Zero;
        T c2l = accumulate ? T.Load(to, 2 * cStride) : T.Zero;
        T c2r = accumulate ? T.Load(to, 2 * cStride + T.Width) : T.Zero;
        T c3l = accumulate ? T.Load(to, 3 * cStride) : T.Zero;
        T c3r = accumulate ? T.Load(to, 3 * cStride + T.Width) : T.Zero;
        for (int i = 0; i < k; i++)
        {
            T left = T.Load(from, 0);
            T right = T.Load(from, T.Width);
            T x = T.Of(a[0]);
            c0l = T.MulAdd(x, left, c0l);
            c0r = T.MulAdd(x, right, c0r);
            x = T.Of(a[row]);
            c1l = T.MulAdd(x, left, c1l);
            c1r = T.MulAdd(x, right, c1r);
            x = T.Of(a[2 * row]);
            c2l = T.MulAdd(x, left, c2l);
            c2r = T.MulAdd(x, right, c2r);
            x = T.Of(a[3 * row]);
            c3l = T.MulAdd(x, left, c3l);
            c3r = T.MulAdd(x, right, c3r);
            from += Panel;
            a += step;
        }

        T.Store(c0l, to, 0);
        T.Store(c0r, to, T.Width);
        T.Store(c1l, to, cStride);
        T.Store(c1r, to, cStride + T.Width);
        T.Store(c2l, to, 2 * cStride);
        T.Store(c2r, to, 2 * cStride + T.Width);
        T.Store(c3l, to, 3 * cStride);
        T.Store(c3r, to, 3 * cStride + T.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1<T>(float* a, long step, float* b, float* c, int k, bool accumulate)
        where T : struct, ISimdLane<T>
    {
        Ref from = new(b);
        Ref to = new(c);
        T c0l = accumulate ? T.Load(to, 0) : T.Zero;
        T c0r = accumulate ? T.Load(to, T.Width) : T.Zero;
        for (int i = 0; i < k; i++)
        {
            T left = T.Load(from, 0);
            T right = T.Load(from, T.Width);
            T x = T.Of(a[0]);
            c0l = T.MulAdd(x, left, c0l);
            c0r = T.MulAdd(x, right, c0r);
            from += Panel;
            a += step;
        }

        T.Store(c0l, to, 0);
        T.Store(c0r, to, T.Width);
    }
}
