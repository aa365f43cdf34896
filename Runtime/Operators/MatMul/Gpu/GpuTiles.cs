using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>
/// The device kernels of matrix products, C[m, n] = or += Σ A[l, m] · B[l, n], over tiles of C. One text serves every layout
/// (<see cref="IGpuOperand"/>), batches, sums over samples and splits of the sum; <see cref="GpuProduct"/> fills the arguments:
/// R0 R1 R2 places of A, B, C; R3 R4 R5 their strides from one batch to the next; R6 R7 strides of A and B from one summed sample to
/// the next; R8 steps of the sum; R9 steps from one batch's first to the next one's; R10 steps of a batch; I0 I1 I2 m, n and the summed
/// index of a sample; I3 I4 I5 strides of rows; I6 not 0: add to C; I7 I8 tiles across and down; I9 steps of a sample; I10 not 0: C is
/// float32 and aligned to 4 floats. What becomes of the sums is the epilogue's (<see cref="IGpuEpilogue"/>), which has arguments of its own.
/// </summary>
internal static class GpuTiles
{
    /// <summary>Threads of the middle and the large tile: 16 x 16.</summary>
    public const int Threads = 256;

    public const int MiddleTile = 64;

    public const int MiddleDepth = 16;

    public const int LargeTile = 128;

    public const int LargeDepth = 8;

    public const int SmallTile = 16;

    /// <summary>Threads of the small tile: 8 x 8.</summary>
    public const int SmallThreads = 64;

    public const int SmallDepth = 16;

    /// <summary>64 x 64 of C, 4 x 4 a thread.</summary>
    public static void Middle<A, B, E>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where A : struct, IGpuOperand
        where B : struct, IGpuOperand
        where E : struct, IGpuEpilogue
    {
        var left = SharedMemory.Allocate<Float4>(MiddleDepth * ((MiddleTile / 4) + 1));
        var right = SharedMemory.Allocate<Float4>(MiddleDepth * ((MiddleTile / 4) + 1));
        var place = new GpuTilePlace(Grid.IdxX, MiddleTile, a);
        int id = Group.IdxX, x = id % 16, y = id / 16, start = place.StartOfB<E>(a, id, MiddleDepth);
        Float4 c0 = default, c1 = default, c2 = default, c3 = default;
        var step = place.Step;
        var nextA = place.LoadA<A>(floats, a, id, step, MiddleTile, MiddleDepth);
        var nextB = place.LoadB<B>(floats, a, id, start, step, MiddleTile, MiddleDepth);
        while (step < place.End)
        {
            Group.Barrier();
            A.Store(left, id, nextA, MiddleTile, MiddleDepth);
            B.Store(right, id, nextB, MiddleTile, MiddleDepth);
            Group.Barrier();

            // The next tile travels while this one is multiplied; behind the last there is none.
            step++;
            if (step < place.End)
            {
                nextA = place.LoadA<A>(floats, a, id, step, MiddleTile, MiddleDepth);
                nextB = place.LoadB<B>(floats, a, id, start, step, MiddleTile, MiddleDepth);
            }

            for (var l = 0; l < MiddleDepth; l++)
            {
                var u = left[(l * ((MiddleTile / 4) + 1)) + y];
                var v = right[(l * ((MiddleTile / 4) + 1)) + x];
                c0 += (u.X * v);
                c1 += (u.Y * v);
                c2 += (u.Z * v);
                c3 += (u.W * v);
            }
        }

        int row = place.Row + (4 * y), column = place.Column + (4 * x);
        E.Store(place, floats, a, row, column, c0);
        E.Store(place, floats, a, row + 1, column, c1);
        E.Store(place, floats, a, row + 2, column, c2);
        E.Store(place, floats, a, row + 3, column, c3);
    }

    /// <summary>128 x 128 of C, 8 x 8 a thread, as two halves of 4 in each direction, so that a quarter-warp reads side by side.</summary>
    public static void Large<A, B, E>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where A : struct, IGpuOperand
        where B : struct, IGpuOperand
        where E : struct, IGpuEpilogue
    {
        var left = SharedMemory.Allocate<Float4>(LargeDepth * ((LargeTile / 4) + 1));
        var right = SharedMemory.Allocate<Float4>(LargeDepth * ((LargeTile / 4) + 1));
        var place = new GpuTilePlace(Grid.IdxX, LargeTile, a);
        int id = Group.IdxX, x = id % 16, y = id / 16, start = place.StartOfB<E>(a, id, LargeDepth);
        Float4 c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        Float4 d0 = default, d1 = default, d2 = default, d3 = default, d4 = default, d5 = default, d6 = default, d7 = default;
        var step = place.Step;
        var nextA = place.LoadA<A>(floats, a, id, step, LargeTile, LargeDepth);
        var nextB = place.LoadB<B>(floats, a, id, start, step, LargeTile, LargeDepth);
        while (step < place.End)
        {
            Group.Barrier();
            A.Store(left, id, nextA, LargeTile, LargeDepth);
            B.Store(right, id, nextB, LargeTile, LargeDepth);
            Group.Barrier();
            step++;
            if (step < place.End)
            {
                nextA = place.LoadA<A>(floats, a, id, step, LargeTile, LargeDepth);
                nextB = place.LoadB<B>(floats, a, id, start, step, LargeTile, LargeDepth);
            }

            for (var l = 0; l < LargeDepth; l++)
            {
                var at = l * ((LargeTile / 4) + 1);
                var u = left[at + y];
                var t = left[at + 16 + y];
                var v = right[at + x];
                var w = right[at + 16 + x];
                c0 += (u.X * v);
                d0 += (u.X * w);
                c1 += (u.Y * v);
                d1 += (u.Y * w);
                c2 += (u.Z * v);
                d2 += (u.Z * w);
                c3 += (u.W * v);
                d3 += (u.W * w);
                c4 += (t.X * v);
                d4 += (t.X * w);
                c5 += (t.Y * v);
                d5 += (t.Y * w);
                c6 += (t.Z * v);
                d6 += (t.Z * w);
                c7 += (t.W * v);
                d7 += (t.W * w);
            }
        }

        int row = place.Row + (4 * y), column = place.Column + (4 * x);
        E.Store(place, floats, a, row, column, c0);
        E.Store(place, floats, a, row, column + 64, d0);
        E.Store(place, floats, a, row + 1, column, c1);
        E.Store(place, floats, a, row + 1, column + 64, d1);
        E.Store(place, floats, a, row + 2, column, c2);
        E.Store(place, floats, a, row + 2, column + 64, d2);
        E.Store(place, floats, a, row + 3, column, c3);
        E.Store(place, floats, a, row + 3, column + 64, d3);
        E.Store(place, floats, a, row + 64, column, c4);
        E.Store(place, floats, a, row + 64, column + 64, d4);
        E.Store(place, floats, a, row + 65, column, c5);
        E.Store(place, floats, a, row + 65, column + 64, d5);
        E.Store(place, floats, a, row + 66, column, c6);
        E.Store(place, floats, a, row + 66, column + 64, d6);
        E.Store(place, floats, a, row + 67, column, c7);
        E.Store(place, floats, a, row + 67, column + 64, d7);
    }

    /// <summary>16 x 16 of C, 2 x 2 a thread: for products with a side of a few columns, and cheap in the simulation.</summary>
    public static void Small<A, B, E>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where A : struct, IGpuOperand
        where B : struct, IGpuOperand
        where E : struct, IGpuEpilogue
    {
        const int Stride = SmallTile + 4;
        var left = SharedMemory.Allocate<Float4>(SmallDepth * Stride / 4);
        var right = SharedMemory.Allocate<Float4>(SmallDepth * Stride / 4);
        var place = new GpuTilePlace(Grid.IdxX, SmallTile, a);
        int id = Group.IdxX, x = id % 8 * 2, y = id / 8 * 2, start = place.StartOfB<E>(a, id, SmallDepth);
        float c00 = 0, c01 = 0, c10 = 0, c11 = 0;
        for (var step = place.Step; step < place.End; step++)
        {
            Group.Barrier();
            A.Store(left, id, place.LoadA<A>(floats, a, id, step, SmallTile, SmallDepth), SmallTile, SmallDepth);
            B.Store(right, id, place.LoadB<B>(floats, a, id, start, step, SmallTile, SmallDepth), SmallTile, SmallDepth);
            Group.Barrier();
            var u = left.Cast<float>();
            var v = right.Cast<float>();
            for (var at = 0; at < SmallDepth * Stride; at += Stride)
            {
                float u0 = u[at + y], u1 = u[at + y + 1], v0 = v[at + x], v1 = v[at + x + 1];
                c00 += u0 * v0;
                c01 += u0 * v1;
                c10 += u1 * v0;
                c11 += u1 * v1;
            }
        }

        int row = place.Row + y, column = place.Column + x;
        E.Store(place, floats, a, row, column, c00, c01);
        E.Store(place, floats, a, row + 1, column, c10, c11);
    }
}
