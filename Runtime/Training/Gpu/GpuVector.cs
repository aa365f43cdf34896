using Graph.Execution;
using ILGPU;

namespace Graph.Training;

/// <summary>Element-wise work on ranges of a device's float memory.</summary>
internal static class GpuVector
{
    /// <summary>The step of <see cref="Ema"/>: shadow = rate · shadow + (1 - rate) · weights.</summary>
    public static void Average(GpuQueue queue, Ref shadow, Ref weights, long count, double rate) =>
        queue.Launch(
            AverageKernel,
            GpuGroup.Over(count),
            GpuGroup.Full,
            new GpuArguments { R0 = GpuQueue.At(shadow), R1 = count, R2 = GpuQueue.At(weights), F0 = (float)rate, F1 = (float)(1 - rate) });

    private static void AverageKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var i = ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < a.R1)
        {
            floats[a.R0 + i] = (floats[a.R0 + i] * a.F0) + (floats[a.R2 + i] * a.F1);
        }
    }
}
