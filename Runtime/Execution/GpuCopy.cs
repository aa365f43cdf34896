using ILGPU;

namespace Graph.Execution;

/// <summary>Copies within device memory: between the blocks that travel to and from the host, and where kernels work.</summary>
internal static class GpuCopy
{
    /// <summary>Copies floats.</summary>
    public static void Run(GpuQueue queue, Ref from, Ref to, long count) =>
        queue.Launch(FloatKernel, GpuGroup.Over(count), GpuGroup.Full, new GpuArguments { R0 = GpuQueue.At(from), R1 = GpuQueue.At(to), R2 = count });

    /// <summary>Copies integers that came in the bits of floats to the integer memory.</summary>
    public static void ToIntegers(GpuQueue queue, Ref from, IntRef to, long count) =>
        queue.Launch(IntegerKernel, GpuGroup.Over(count), GpuGroup.Full, new GpuArguments { R0 = GpuQueue.At(from), R1 = GpuQueue.At(to), R2 = count });

    private static void FloatKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var i = ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < a.R2)
        {
            floats[a.R1 + i] = floats[a.R0 + i];
        }
    }

    /// <summary>Read as integers, not converted: small ones would be denormal floats.</summary>
    private static void IntegerKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var i = ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < a.R2)
        {
            integers[a.R1 + i] = floats.Cast<int>()[a.R0 + i];
        }
    }
}
