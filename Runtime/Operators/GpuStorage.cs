using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>How a kernel reads and writes its operands. A type parameter: kernels of floats know nothing of another format.</summary>
internal interface IGpuStorage
{
    /// <summary>What lies at the place is bfloat16. All items of a kernel find the same.</summary>
    /// <param name="place">An offset, as <see cref="GpuQueue.At(Ref)"/> gives it.</param>
    static abstract bool IsBfloat16(long place);

    static abstract float Load(ArrayView<float> floats, long place);

    /// <summary>Four values side by side in one access.</summary>
    /// <param name="place">A multiple of four elements; what is left over is dropped.</param>
    static abstract Float4 LoadQuad(ArrayView<float> floats, long place);

    static abstract void Store(ArrayView<float> floats, long place, float value);
}

/// <summary>Every operand is float32.</summary>
internal readonly struct Float32Storage : IGpuStorage
{
    public static bool IsBfloat16(long place) => false;

    public static float Load(ArrayView<float> floats, long place) => floats[place];

    public static Float4 LoadQuad(ArrayView<float> floats, long place) => floats.Cast<Float4>()[place >> 2];

    public static void Store(ArrayView<float> floats, long place, float value) => floats[place] = value;
}

/// <summary>Every operand is bfloat16, at a place with its mark (<see cref="Bfloat16Place"/>).</summary>
internal readonly struct Bfloat16Storage : IGpuStorage
{
    public static bool IsBfloat16(long place) => true;

    public static float Load(ArrayView<float> floats, long place) => Bfloat16Place.Load(floats, Bfloat16Place.Element(place));

    public static Float4 LoadQuad(ArrayView<float> floats, long place)
    {
        Pairs pairs = floats.Cast<Pairs>()[Bfloat16Place.Element(place) >> 2];
        return new Float4(
            Interop.IntAsFloat(pairs.Low << 16), Interop.IntAsFloat(pairs.Low & 0xFFFF_0000), Interop.IntAsFloat(pairs.High << 16), Interop.IntAsFloat(pairs.High & 0xFFFF_0000));
    }

    public static void Store(ArrayView<float> floats, long place, float value) => Bfloat16Place.Store(floats, Bfloat16Place.Element(place), value);

    /// <summary>Four values of two bytes.</summary>
    private readonly struct Pairs(uint low, uint high)
    {
        public readonly uint Low = low, High = high;
    }
}

/// <summary>
/// Each operand is float32 or bfloat16, which its place says. Every access asks; where many follow each other, the kernel asks once instead
/// and goes on with one of the storages above, so that no load waits for another.
/// </summary>
internal readonly struct MixedStorage : IGpuStorage
{
    /// <summary>Some operand is bfloat16.</summary>
    public static bool Has(params ReadOnlySpan<Ref> operands)
    {
        foreach (Ref operand in operands)
        {
            if (Bfloat16Place.Is(GpuQueue.At(operand)))
            {
                return true;
            }
        }

        return false;
    }

    public static bool IsBfloat16(long place) => Bfloat16Place.Is(place);

    public static float Load(ArrayView<float> floats, long place) => IsBfloat16(place) ? Bfloat16Storage.Load(floats, place) : Float32Storage.Load(floats, place);

    public static Float4 LoadQuad(ArrayView<float> floats, long place) => IsBfloat16(place) ? Bfloat16Storage.LoadQuad(floats, place) : Float32Storage.LoadQuad(floats, place);

    public static void Store(ArrayView<float> floats, long place, float value)
    {
        if (IsBfloat16(place))
        {
            Bfloat16Storage.Store(floats, place, value);
        }
        else
        {
            Float32Storage.Store(floats, place, value);
        }
    }
}
