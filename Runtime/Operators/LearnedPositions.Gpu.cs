using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

public readonly partial struct LearnedPositions
{
    private static void ForwardOnGpu(GpuQueue gpu, long batch, Ref x, Ref weight, Ref y, int t, int c) =>
        gpu.Launch(
            ForwardKernel,
            batch * t,
            GpuGroup.For(c),
            new GpuArguments { R0 = GpuQueue.At(x), R1 = GpuQueue.At(weight), R2 = GpuQueue.At(y), I0 = t, I1 = c, F0 = Half, F1 = MathF.Sqrt(c) });

    /// <summary>A group a row.</summary>
    private static void ForwardKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var row = (long)Grid.IdxX * a.I1;
        var position = (long)(Grid.IdxX % a.I0) * a.I1;
        for (var k = Group.IdxX; k < a.I1; k += Group.DimX)
        {
            floats[a.R2 + row + k] = a.F0 * (floats[a.R0 + row + k] + (a.F1 * floats[a.R1 + position + k]));
        }
    }

    private static void BackwardInputOnGpu(GpuQueue gpu, long batch, Ref dx, Ref dy, int t, int c) =>
        gpu.Launch(
            BackwardInputKernel,
            batch * t,
            GpuGroup.For(c),
            new GpuArguments { R0 = GpuQueue.At(dx), R1 = GpuQueue.At(dy), I0 = c, F0 = Half });

    private static void BackwardInputKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var row = (long)Grid.IdxX * a.I0;
        for (var k = Group.IdxX; k < a.I0; k += Group.DimX)
        {
            floats[a.R0 + row + k] = a.F0 * floats[a.R1 + row + k];
        }
    }
}
