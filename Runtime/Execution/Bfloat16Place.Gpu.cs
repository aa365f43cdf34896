using ILGPU;

namespace Graph.Execution;

public static partial class Bfloat16Place
{
    /// <summary>In a kernel: the value of an element.</summary>
    public static float Load(ArrayView<float> memory, long element) =>
        Interop.IntAsFloat((uint)memory.Cast<ushort>()[element] << 16);

    /// <summary>In a kernel: rounds to nearest even and stores.</summary>
    public static void Store(ArrayView<float> memory, long element, float value) =>
        memory.Cast<ushort>()[element] = (ushort)GpuBfloat16.Bits(value);
}
