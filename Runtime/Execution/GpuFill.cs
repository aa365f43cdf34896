using ILGPU;

namespace Graph.Execution;

/// <summary>Writes one value to a range of device memory.</summary>
internal static class GpuFill
{
    private const int GroupSize = 128;

    /// <summary>Elements of a group: enough that a launch is not all overhead.</summary>
    private const int PerGroup = 8 * GroupSize;

    public static void Run(GpuQueue queue, Ref start, long count, float value) =>
        queue.Launch(Kernel, (count + PerGroup - 1) / PerGroup, GroupSize, new GpuArguments { R0 = GpuQueue.At(start), R1 = count, F0 = value });

    /// <summary>Writes one row to <paramref name="rows"/> rows.</summary>
    public static void Rows(GpuQueue queue, Ref start, long rows, Ref row, int width) =>
        queue.Launch(RowKernel, rows, GroupSize, new GpuArguments { R0 = GpuQueue.At(start), R1 = GpuQueue.At(row), I0 = width });

    private static void RowKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var to = a.R0 + ((long)Grid.IdxX * a.I0);
        for (var i = Group.IdxX; i < a.I0; i += Group.DimX)
        {
            floats[to + i] = floats[a.R1 + i];
        }
    }

    private static void Kernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var first = (long)Grid.IdxX * PerGroup;
        for (var i = first + Group.IdxX; i < first + PerGroup && i < a.R1; i += Group.DimX)
        {
            floats[a.R0 + i] = a.F0;
        }
    }
}
