using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

public readonly partial struct SliceRows
{
    private static void ForwardOnGpu(GpuQueue gpu, long batch, Ref x, Ref y, int t, int c, int first, int n) =>
        gpu.Launch(
            MixedStorage.Has(x, y) ? ForwardKernel<MixedStorage> : ForwardKernel<Float32Storage>, batch * n, GpuGroup.For(c),
            new GpuArguments { R0 = GpuQueue.At(x), R1 = GpuQueue.At(y), I0 = t, I1 = c, I2 = first, I3 = n });

    /// <summary>A group a row of the slice.</summary>
    private static void ForwardKernel<S>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where S : struct, IGpuStorage
    {
        int sample = Grid.IdxX / a.I3, row = Grid.IdxX - (sample * a.I3);
        var from = a.R0 + ((((long)sample * a.I0) + a.I2 + row) * a.I1);
        var to = a.R1 + ((long)Grid.IdxX * a.I1);
        for (var k = Group.IdxX; k < a.I1; k += Group.DimX)
        {
            S.Store(floats, to + k, S.Load(floats, from + k));
        }
    }

    private static void BackwardOnGpu(GpuQueue gpu, long batch, Ref dx, Ref dy, int t, int c, int first, int n) =>
        gpu.Launch(
            MixedStorage.Has(dx, dy) ? BackwardKernel<MixedStorage> : BackwardKernel<Float32Storage>, batch * t, GpuGroup.For(c),
            new GpuArguments { R0 = GpuQueue.At(dx), R1 = GpuQueue.At(dy), I0 = t, I1 = c, I2 = first, I3 = n });

    /// <summary>A group a row of the input.</summary>
    private static void BackwardKernel<S>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where S : struct, IGpuStorage
    {
        int sample = Grid.IdxX / a.I0, row = Grid.IdxX - (sample * a.I0) - a.I2;
        var to = a.R0 + ((long)Grid.IdxX * a.I1);
        var from = a.R1 + ((((long)sample * a.I3) + row) * a.I1);
        for (var k = Group.IdxX; k < a.I1; k += Group.DimX)
        {
            S.Store(floats, to + k, row >= 0 && row < a.I3 ? S.Load(floats, from + k) : 0);
        }
    }
}
