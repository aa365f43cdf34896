using System.Runtime.CompilerServices;
using ILGPU;

namespace Graph.Execution;

/// <summary>
/// A place inside kernels of which some operands lie as bfloat16 and some as float32: each place knows its own format. All work items ask alike, so
/// that no group diverges; kernels without such operands are compiled over <see cref="GpuRef"/>, which asks nothing.
/// </summary>
/// <param name="memory">The device's float memory.</param>
/// <param name="element">Of the place, in elements of its format; -1: null.</param>
/// <param name="rounded">They are bfloat16.</param>
public readonly struct GpuMixedRef(ArrayView<float> memory, long element, bool rounded) : IGpuRef<GpuMixedRef>
{
    public bool IsNull => element < 0;

    public static GpuMixedRef At(ArrayView<float> memory, long place) =>
        Bfloat16Place.Is(place) ? new(memory, Bfloat16Place.Element(place), true) : new(memory, place, false);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuMixedRef operator +(GpuMixedRef start, long more) => start.Plus(more);

    public float Load(long index)
    {
        if (rounded)
        {
            return Bfloat16Place.Load(memory, element + index);
        }

        return memory[element + index];
    }

    public void Store(long index, float value)
    {
        if (rounded)
        {
            Bfloat16Place.Store(memory, element + index, value);
        }
        else
        {
            memory[element + index] = value;
        }
    }

    private GpuMixedRef Plus(long more) => new(memory, element + more, rounded);
}
