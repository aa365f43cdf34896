using System.Runtime.CompilerServices;
using ILGPU;

namespace Graph.Execution;

/// <summary>What emitted row kernels do with memory, so that one text serves the CPU's and the device's.</summary>
public interface IRef<T>
    where T : struct, IRef<T>
{
    /// <summary>True for a value that this launch does not keep.</summary>
    bool IsNull { get; }

    static abstract T operator +(T start, long offset);
}

/// <summary>A place in a device's float memory, inside kernels.</summary>
/// <param name="memory">The device's float memory.</param>
/// <param name="offset">Of the place; -1: null.</param>
public readonly struct GpuRef(ArrayView<float> memory, long offset) : IGpuRef<GpuRef>
{
    public bool IsNull => offset < 0;

    public ref float this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref memory[offset + index];
    }

    public static GpuRef At(ArrayView<float> memory, long place) => new(memory, place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuRef operator +(GpuRef start, long more) => start.Plus(more);

    private GpuRef Plus(long more) => new(memory, offset + more);
}
