using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>How a kernel loads and stores one value: fixed when it is compiled, so that float32 kernels ask nothing.</summary>
internal interface IGpuElement
{
    /// <summary>In a kernel: the value at a place.</summary>
    static abstract float Load(ArrayView<float> memory, long place);

    /// <summary>In a kernel: puts a value there, rounded if need be.</summary>
    static abstract void Store(ArrayView<float> memory, long place, float value);
}

/// <summary>Places are offsets of floats.</summary>
internal readonly struct Float32Element : IGpuElement
{
    public static float Load(ArrayView<float> memory, long place) => memory[place];

    public static void Store(ArrayView<float> memory, long place, float value) => memory[place] = value;
}

/// <summary>
/// Floats, or bfloat16 where a place says so (<see cref="Bfloat16Place"/>): one kernel for all mixtures of both. It asks at each access, which
/// is cheap beside the scalar accesses of kernels that need it.
/// </summary>
internal readonly struct AnyElement : IGpuElement
{
    public static float Load(ArrayView<float> memory, long place) =>
        Bfloat16Place.Is(place) ? Bfloat16Place.Load(memory, Bfloat16Place.Element(place)) : memory[place];

    public static void Store(ArrayView<float> memory, long place, float value)
    {
        if (Bfloat16Place.Is(place))
        {
            Bfloat16Place.Store(memory, Bfloat16Place.Element(place), value);
        }
        else
        {
            memory[place] = value;
        }
    }

    /// <summary>Bytes of an element at a place.</summary>
    public static int Bytes(long place) => Bfloat16Place.Is(place) ? sizeof(ushort) : sizeof(float);

    /// <summary>Elements of its size between the start of device memory and a place.</summary>
    public static long Start(long place) => Bfloat16Place.Is(place) ? Bfloat16Place.Element(place) : place;
}
