using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>How a kernel reads and writes its operands. A type parameter: kernels of floats know nothing of another format.</summary>
internal interface IGpuStorage
{
    /// <param name="place">An offset, as <see cref="GpuQueue.At(Ref)"/> gives it.</param>
    static abstract float Load(ArrayView<float> floats, long place);

    /// <summary>Four values side by side in one access.</summary>
    /// <param name="place">A multiple of four elements; what is left over is dropped.</param>
    static abstract Float4 LoadQuad(ArrayView<float> floats, long place);

    static abstract void Store(ArrayView<float> floats, long place, float value);
}

/// <summary>Every operand is float32.</summary>
internal readonly struct Float32Storage : IGpuStorage
{
    public static float Load(ArrayView<float> floats, long place) => floats[place];

    public static Float4 LoadQuad(ArrayView<float> floats, long place) => floats.Cast<Float4>()[place >> 2];

    public static void Store(ArrayView<float> floats, long place, float value) => floats[place] = value;
}

/// <summary>
/// Each operand is float32 or bfloat16 (<see cref="Bfloat16Place"/>), which its place says: the kernel gets places with their marks, and all items
/// take the same side of a branch.
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

    /// <summary>Bytes of an element of the operand.</summary>
    public static int Bytes(Ref operand) => Bfloat16Place.Is(GpuQueue.At(operand)) ? sizeof(ushort) : sizeof(float);

    public static float Load(ArrayView<float> floats, long place) =>
        Bfloat16Place.Is(place) ? Bfloat16Place.Load(floats, Bfloat16Place.Element(place)) : floats[place];

    public static Float4 LoadQuad(ArrayView<float> floats, long place)
    {
        if (Bfloat16Place.Is(place))
        {
            Pairs pairs = floats.Cast<Pairs>()[Bfloat16Place.Element(place) >> 2];
            return new Float4(
                Interop.IntAsFloat(pairs.Low << 16), Interop.IntAsFloat(pairs.Low & 0xFFFF_0000), Interop.IntAsFloat(pairs.High << 16), Interop.IntAsFloat(pairs.High & 0xFFFF_0000));
        }

        return floats.Cast<Float4>()[place >> 2];
    }

    public static void Store(ArrayView<float> floats, long place, float value)
    {
        if (Bfloat16Place.Is(place))
        {
            Bfloat16Place.Store(floats, Bfloat16Place.Element(place), value);
        }
        else
        {
            floats[place] = value;
        }
    }

    /// <summary>Four values of two bytes.</summary>
    private readonly struct Pairs(uint low, uint high)
    {
        public readonly uint Low = low, High = high;
    }
}
