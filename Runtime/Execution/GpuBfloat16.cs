using Graph.Operators;
using ILGPU;

namespace Graph.Execution;

/// <summary>Rounds floats of device memory to bfloat16, two in the bits of a float, on any device.</summary>
internal static class GpuBfloat16
{
    /// <summary>Values of a work item: two loads and one store of 16 bytes.</summary>
    public const int Each = 8;

    /// <summary>R0 and R1: the floats and their copies, multiples of 4 floats; R2: values, a multiple of <see cref="Each"/>.</summary>
    public static void Round(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var item = ((long)Grid.IdxX * GpuGroup.Full) + Group.IdxX;
        if (item * Each < a.R2)
        {
            var from = floats.Cast<Float4>();
            var (low, high) = (from[(a.R0 >> 2) + (2 * item)], from[(a.R0 >> 2) + (2 * item) + 1]);
            floats.Cast<FourPairs>()[(a.R1 >> 2) + item] = new(Pair(low.X, low.Y), Pair(low.Z, low.W), Pair(high.X, high.Y), Pair(high.Z, high.W));
        }
    }

    /// <summary>To nearest, ties to even; what is no number stays none, also where the sum would carry into the sign.</summary>
    public static uint Bits(float value)
    {
        var bits = Interop.FloatAsInt(value);
        return (bits & 0x7FFF_FFFF) > 0x7F80_0000 ? 0x7FFF : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    }

    private static uint Pair(float low, float high) => Bits(low) | (Bits(high) << 16);

    private struct FourPairs(uint x, uint y, uint z, uint w)
    {
        public uint X = x;
        public uint Y = y;
        public uint Z = z;
        public uint W = w;
    }
}
