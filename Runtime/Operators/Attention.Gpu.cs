using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>
/// Attention on a device, blocks of 64 queries by 64 keys (the online softmax of FlashAttention, arXiv 2205.14135, and its backward by
/// two kernels, each with a single writer: one owns queries and makes dq, one owns keys and makes dk and dv). Heads wider than 64 are cut
/// into blocks of outputs that each rebuild the scores.
/// </summary>
public readonly partial struct Attention
{
    private const int Side = GpuTile.Side;

    private static void Forward(GpuQueue gpu, long units, Ref x, Ref y, Ref lse, int t, int c, int heads)
    {
        GpuArguments arguments = Arguments(x, y, lse, t, c, heads);
        GpuKernel kernel = Of([x, y], ForwardKernel<Float32Storage>, ForwardKernel<Bfloat16Storage>, ForwardKernel<MixedStorage>);
        int size = GpuTile.GroupSize;
        if (TensorCoreAttention.ForForward(gpu, arguments) is { } emitted)
        {
            (kernel, size) = (emitted, TensorCoreAttention.Threads);
        }

        double values = (double)units * t * arguments.I3;
        gpu.Work(kernel, 4 * values * t, values * (3 * Bfloat16Place.Bytes(x) + Bfloat16Place.Bytes(y)));
        gpu.Launch(kernel, units * arguments.I4 * arguments.I5, size, arguments);
    }

    private static void Backward(GpuQueue gpu, long units, Ref x, Ref y, Ref lse, Ref dy, Ref dx, int t, int c, int heads)
    {
        GpuArguments arguments = Arguments(x, y, lse, t, c, heads);
        arguments.R3 = GpuQueue.At(dy);
        arguments.R4 = GpuQueue.At(dx);
        arguments.R5 = GpuQueue.At(gpu.Scratch(units * t));
        GpuKernel delta = Of([y, dy], DeltaKernel<Float32Storage>, DeltaKernel<Bfloat16Storage>, DeltaKernel<MixedStorage>);
        GpuKernel query = Of([x, dy, dx], QueryGradientKernel<Float32Storage>, QueryGradientKernel<Bfloat16Storage>, QueryGradientKernel<MixedStorage>);
        GpuKernel key = Of([x, dy, dx], KeyGradientKernel<Float32Storage>, KeyGradientKernel<Bfloat16Storage>, KeyGradientKernel<MixedStorage>);
        int size = GpuTile.GroupSize;
        if (TensorCoreAttention.ForBackward(gpu, arguments) is { } emitted)
        {
            (query, key, size) = (emitted.Query, emitted.Key, TensorCoreAttention.Threads);
        }

        double values = (double)units * t * arguments.I3;
        int read = 3 * Bfloat16Place.Bytes(x) + Bfloat16Place.Bytes(dy), written = Bfloat16Place.Bytes(dx);
        gpu.Work(delta, 0, values * (Bfloat16Place.Bytes(y) + Bfloat16Place.Bytes(dy)));
        gpu.Work(query, 6 * values * t, values * (read + written));
        gpu.Work(key, 8 * values * t, values * (read + 2 * written));
        gpu.Launch(delta, units * ((t + 15) / 16), GpuTile.GroupSize, arguments);
        gpu.Launch(query, units * arguments.I4 * arguments.I5, size, arguments);
        gpu.Launch(key, units * arguments.I4 * arguments.I5, size, arguments);
    }

    /// <summary>A kernel's form for how its operands are stored: all as floats, all as bfloat16, or some so and some so.</summary>
    private static GpuKernel Of(ReadOnlySpan<Ref> operands, GpuKernel floats, GpuKernel bfloat16, GpuKernel mixed)
    {
        int stored = 0;
        foreach (Ref operand in operands)
        {
            stored += Bfloat16Place.Is(GpuQueue.At(operand)) ? 1 : 0;
        }

        return stored == 0 ? floats : stored == operands.Length ? bfloat16 : mixed;
    }

    private static GpuArguments Arguments(Ref x, Ref y, Ref lse, int t, int c, int heads)
    {
        int hd = c / heads;
        return new GpuArguments
        {
            R0 = GpuQueue.At(x), R1 = GpuQueue.At(y), R2 = GpuQueue.At(lse),
            I0 = t, I1 = c, I2 = heads, I3 = hd, I4 = (t + Side - 1) / Side, I5 = (hd + Side - 1) / Side,
            F0 = 1 / MathF.Sqrt(hd),
        };
    }

    private static void ForwardKernel<S>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where S : struct, IGpuStorage
    {
        var left = SharedMemory.Allocate<Float4>(GpuTile.Panel);
        var right = SharedMemory.Allocate<Float4>(GpuTile.Panel);
        var whole = SharedMemory.Allocate<Float4>(GpuTile.Whole);
        int t = a.I0, hd = a.I3, column = Grid.IdxX % a.I5 * Side, first = Grid.IdxX / a.I5 % a.I4 * Side, unit = Grid.IdxX / a.I5 / a.I4;
        long stride = 3L * a.I1, place = Place(a, unit), query = a.R0 + 3 * place - 2L * (unit % a.I2) * hd;
        GpuTile sum = default;
        Float4 top = Float4.Of(Masked), total = default;
        for (int key = 0; key < t; key += Side)
        {
            GpuTile s = a.F0 * GpuTile.Multiply<S>(floats, left, right, default, query + first * stride, stride, 1, t - first, query + a.I1 + key * stride, stride, 1, t - key, hd, -1);
            s = GpuTile.Columns(s, t - key, Masked);
            Group.Barrier();
            left[GpuTile.RowSlot] = s.RowMaxima;
            Group.Barrier();
            Float4 max = top;
            for (int item = 0; item < 16; item++)
            {
                max = Float4.Max(max, left[GpuTile.Row * 16 + item]);
            }

            Float4 shrink = Float4.Exp(top - max);
            top = max;
            s = GpuTile.ExpLessRows(s, max);

            // An item sums its own columns; the sixteen of a row meet once, at the end.
            total = shrink * total + s.RowSums;
            GpuTile.StoreColumns(whole, s);
            sum = GpuTile.MultiplyShared<S>(floats, whole, right, shrink * sum, query + 2L * a.I1 + key * stride + column, 1, stride, hd - column, Few(t - key));
        }

        Group.Barrier();
        left[GpuTile.RowSlot] = total;
        Group.Barrier();
        total = default;
        for (int item = 0; item < 16; item++)
        {
            total += left[GpuTile.Row * 16 + item];
        }

        GpuTile.Store<S>(floats, a.R1 + place + (long)first * a.I1 + column, a.I1, t - first, hd - column, new Float4(1 / total.X, 1 / total.Y, 1 / total.Z, 1 / total.W) * sum);
        if (column == 0 && GpuTile.Column == 0)
        {
            StoreLse(floats, a, unit, first + 4 * GpuTile.Row, top.X, total.X);
            StoreLse(floats, a, unit, first + 4 * GpuTile.Row + 1, top.Y, total.Y);
            StoreLse(floats, a, unit, first + 4 * GpuTile.Row + 2, top.Z, total.Z);
            StoreLse(floats, a, unit, first + 4 * GpuTile.Row + 3, top.W, total.W);
        }
    }

    /// <summary>δ_i = y_i·dy_i: sixteen rows a group, sixteen items a row.</summary>
    private static void DeltaKernel<S>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where S : struct, IGpuStorage
    {
        var parts = SharedMemory.Allocate<float>(GpuTile.GroupSize);
        int t = a.I0, blocks = (t + 15) / 16, unit = Grid.IdxX / blocks, i = Grid.IdxX % blocks * 16 + GpuTile.Row;
        long at = Place(a, unit) + (long)i * a.I1;
        float sum = 0;
        if (i < t)
        {
            for (int k = GpuTile.Column; k < a.I3; k += 16)
            {
                sum += S.Load(floats, a.R1 + at + k) * S.Load(floats, a.R3 + at + k);
            }
        }

        parts[Group.IdxX] = sum;
        Group.Barrier();
        if (GpuTile.Column == 0 && i < t)
        {
            sum = 0;
            for (int item = 0; item < 16; item++)
            {
                sum += parts[Group.IdxX + item];
            }

            floats[a.R5 + (long)unit * t + i] = sum;
        }
    }

    /// <summary>dq = Σ_keys ds k with ds = p (dy vᵀ - δ) scale.</summary>
    private static void QueryGradientKernel<S>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where S : struct, IGpuStorage
    {
        var left = SharedMemory.Allocate<Float4>(GpuTile.Panel);
        var right = SharedMemory.Allocate<Float4>(GpuTile.Panel);
        var whole = SharedMemory.Allocate<Float4>(GpuTile.Whole);
        int t = a.I0, hd = a.I3, column = Grid.IdxX % a.I5 * Side, first = Grid.IdxX / a.I5 % a.I4 * Side, unit = Grid.IdxX / a.I5 / a.I4;
        long stride = 3L * a.I1, place = Place(a, unit), origin = 3 * place - 2L * (unit % a.I2) * hd, query = a.R0 + origin;
        long vector = (long)unit * t + first;
        Float4 lse = GpuTile.Vector(floats, a.R2 + vector, GpuTile.Row, t - first), delta = GpuTile.Vector(floats, a.R5 + vector, GpuTile.Row, t - first);
        GpuTile sum = default;
        for (int key = 0; key < t; key += Side)
        {
            long keys = query + a.I1 + key * stride;
            GpuTile p = a.F0 * GpuTile.Multiply<S>(floats, left, right, default, query + first * stride, stride, 1, t - first, keys, stride, 1, t - key, hd, -1);
            GpuTile ds = GpuTile.Multiply<S>(floats, left, right, default, a.R3 + place + (long)first * a.I1, a.I1, 1, t - first, keys + a.I1, stride, 1, t - key, hd, -1);
            p = GpuTile.Columns(GpuTile.ExpLessRows(p, lse), t - key, 0);
            ds = a.F0 * (p * GpuTile.LessRows(ds, delta));
            GpuTile.StoreColumns(whole, ds);
            sum = GpuTile.MultiplyShared<S>(floats, whole, right, sum, keys + column, 1, stride, hd - column, Few(t - key));
        }

        GpuTile.Store<S>(floats, a.R4 + origin + first * stride + column, stride, t - first, hd - column, sum);
    }

    /// <summary>dv = Σ_queries pᵀ dy and dk = Σ_queries dsᵀ q; a tile has keys for rows and queries for columns.</summary>
    private static void KeyGradientKernel<S>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where S : struct, IGpuStorage
    {
        var left = SharedMemory.Allocate<Float4>(GpuTile.Panel);
        var right = SharedMemory.Allocate<Float4>(GpuTile.Panel);
        var whole = SharedMemory.Allocate<Float4>(GpuTile.Whole);
        int t = a.I0, hd = a.I3, column = Grid.IdxX % a.I5 * Side, first = Grid.IdxX / a.I5 % a.I4 * Side, unit = Grid.IdxX / a.I5 / a.I4;
        long stride = 3L * a.I1, place = Place(a, unit), origin = 3 * place - 2L * (unit % a.I2) * hd, query = a.R0 + origin;
        long keys = query + a.I1 + first * stride;
        GpuTile dk = default, dv = default;
        for (int from = 0; from < t; from += Side)
        {
            long gradient = a.R3 + place + (long)from * a.I1, vector = (long)unit * t + from;
            GpuTile p = a.F0 * GpuTile.Multiply<S>(floats, left, right, default, keys, stride, 1, t - first, query + from * stride, stride, 1, t - from, hd, -1);
            GpuTile ds = GpuTile.Multiply<S>(floats, left, right, default, keys + a.I1, stride, 1, t - first, gradient, a.I1, 1, t - from, hd, -1);
            p = GpuTile.Columns(GpuTile.ExpLessColumns(p, GpuTile.Vector(floats, a.R2 + vector, GpuTile.Column, t - from)), t - from, 0);
            ds = a.F0 * (p * GpuTile.LessColumns(ds, GpuTile.Vector(floats, a.R5 + vector, GpuTile.Column, t - from)));
            GpuTile.StoreColumns(whole, p);
            dv = GpuTile.MultiplyShared<S>(floats, whole, right, dv, gradient + column, 1, a.I1, hd - column, Few(t - from));
            Group.Barrier();
            GpuTile.StoreColumns(whole, ds);
            dk = GpuTile.MultiplyShared<S>(floats, whole, right, dk, query + from * stride + column, 1, stride, hd - column, Few(t - from));
        }

        long target = a.R4 + origin + a.I1 + first * stride + column;
        GpuTile.Store<S>(floats, target, stride, t - first, hd - column, dk);
        GpuTile.Store<S>(floats, target + a.I1, stride, t - first, hd - column, dv);
    }

    /// <summary>Offset of the head's first value in y of [b, t, c]; x of [b, t, 3c] has it three times as far, but for the head's own columns.</summary>
    private static long Place(GpuArguments a, int unit) => (long)(unit / a.I2) * a.I0 * a.I1 + unit % a.I2 * a.I3;

    private static int Few(int left) => left < Side ? left : Side;

    private static void StoreLse(ArrayView<float> floats, GpuArguments a, int unit, int row, float max, float sum)
    {
        if (row < a.I0)
        {
            floats[a.R2 + (long)unit * a.I0 + row] = max + MathF.Log(sum);
        }
    }
}
