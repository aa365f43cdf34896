using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>The rotation on a device: by the tiles of the product that waits for it (<see cref="MatMul.RowsForNext"/>), or one group a row. Sines come from the table, because a device's own are approximate.</summary>
public readonly partial struct Rope
{
    private const int GroupSize = 128;

    private static void Rotate(GpuQueue gpu, int rows, Ref source, int sourceStride, Ref target, int targetStride, int t, int c, int heads, float sign)
    {
        int hd = c / heads;
        long table = GpuQueue.At(RopeTable.Get(gpu, t, hd));
        if (gpu.Take() is { } waiting)
        {
            if (waiting.Rotate(gpu, GpuQueue.At(source), new GpuPairs(GpuQueue.At(target), targetStride, hd / 2, KeepsSums: true) { Table = table, Period = t, Rotated = 2 * c, Sign = sign }))
            {
                return;
            }

            waiting.Product.Launch(gpu);
        }

        long from = GpuQueue.At(source), to = GpuQueue.At(target);
        GpuKernel kernel = Bfloat16Place.Is(from) || Bfloat16Place.Is(to) ? Kernel<MixedStorage> : Kernel<Float32Storage>;
        gpu.Work(kernel, 0, 3.0 * (Bfloat16Place.Bytes(from) + Bfloat16Place.Bytes(to)) * rows * c);
        gpu.Launch(kernel, rows, GroupSize, new GpuArguments
        {
            R0 = from, R1 = to, R2 = table,
            I0 = sourceStride, I1 = targetStride, I2 = t, I3 = c, I4 = hd,
            F0 = sign,
        });
    }

    /// <summary>A lane reads both halves of a pair before it writes them, so source and target may be the same rows.</summary>
    private static void Kernel<E>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where E : struct, IGpuStorage
    {
        int row = Grid.IdxX, c = a.I3, hd = a.I4, half = hd / 2;
        long from = a.R0 + (long)row * a.I0;
        long to = a.R1 + (long)row * a.I1;
        long cosines = a.R2 + (long)(row % a.I2) * hd;
        for (int pair = Group.IdxX; pair < c; pair += Group.DimX)
        {
            int i = pair % half;
            int low = pair / half * hd + i;
            float x = E.Load(floats, from + low), z = E.Load(floats, from + low + half);
            float cos = floats[cosines + i], sin = a.F0 * floats[cosines + half + i];
            E.Store(floats, to + low, x * cos - z * sin);
            E.Store(floats, to + low + half, z * cos + x * sin);
            E.Store(floats, to + 2L * c + pair, E.Load(floats, from + 2L * c + pair));
        }
    }
}
