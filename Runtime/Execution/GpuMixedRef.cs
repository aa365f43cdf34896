using System.Runtime.CompilerServices;
using ILGPU;

namespace Graph.Execution;

/// <summary>
/// A place inside kernels of which some operands lie as bfloat16 and some as float32: each place knows its own format. Kernels without such operands are compiled
/// over <see cref="GpuRef"/>, which asks nothing.
/// </summary>
/// <param name="memory">The device's float memory.</param>
/// <param name="element">Of the place, in elements of its format; -1: null.</param>
/// <param name="more">Halves of a float beside the upper one: 0 for bfloat16, which is the upper half of a float alone; 1 for float32.</param>
public readonly struct GpuMixedRef(ArrayView<float> memory, long element, int more) : IGpuRef<GpuMixedRef>
{
    public bool IsNull => element < 0;

    public static GpuMixedRef At(ArrayView<float> memory, long place) =>
        Bfloat16Place.Is(place) ? new(memory, Bfloat16Place.Element(place), 0) : new(memory, place, 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuMixedRef operator +(GpuMixedRef start, long offset) => start.Plus(offset);

    /// <summary>Two loads and no branch: behind a branch the next operand's load would wait for this one's value. For bfloat16 both are the same half.</summary>
    public float Load(long index)
    {
        var halves = memory.Cast<ushort>();
        var at = (element + index) << more;
        return Interop.IntAsFloat(((uint)halves[at + more] << 16) | (halves[at] & (uint)-more));
    }

    public void Store(long index, float value)
    {
        if (more == 0)
        {
            Bfloat16Place.Store(memory, element + index, value);
        }
        else
        {
            memory[element + index] = value;
        }
    }

    private GpuMixedRef Plus(long offset) => new(memory, element + offset, more);
}
