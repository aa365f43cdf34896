using System.Runtime.InteropServices;
using Graph.Execution;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>Tensors in a device's memory, each in float32 or in bfloat16, in a sea of which both see that it is no number.</summary>
internal sealed class ElementMemory : IDisposable
{
    /// <summary>NaN as a float, and each half as bfloat16.</summary>
    public const uint Sea = 0x7FC0_7FC0;

    private const ushort SeaOfBfloat16 = 0x7FC0;

    private const int Gap = 32;

    private readonly GpuTest.OpenQueue open;
    private readonly float[] memory;
    private readonly Random random = new(11);
    private int next = Gap;

    public ElementMemory(string kind, int floats)
    {
        open = GpuTest.Open(kind, floats);
        memory = new float[floats];
        Fill(memory);
        open.Queue.Upload(memory, 0);
    }

    public GpuQueue Queue => open.Queue;

    public Worker Worker(long units = 1) => open.Worker(units);

    public static void Fill(Span<float> floats) => floats.Fill(BitConverter.UInt32BitsToSingle(Sea));

    /// <summary>Nothing else lies there.</summary>
    public static bool IsSea(ReadOnlySpan<float> floats) => !MemoryMarshal.Cast<float, uint>(floats).ContainsAnyExcept(Sea);

    /// <summary>What a device has at a place of either form.</summary>
    public static float Get(ReadOnlySpan<float> floats, long place) => Bfloat16Place.Is(place)
        ? BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Cast<float, ushort>(floats)[(int)Bfloat16Place.Element(place)] << 16)
        : floats[(int)place];

    /// <summary>Puts a value there; the sea's are no numbers in either form.</summary>
    public static void Set(Span<float> floats, long place, float value)
    {
        if (Bfloat16Place.Is(place))
        {
            MemoryMarshal.Cast<float, ushort>(floats)[(int)Bfloat16Place.Element(place)] = float.IsNaN(value) ? SeaOfBfloat16 : (ushort)(BitConverter.SingleToUInt32Bits(TensorCoreMatrices.Bfloat16(value)) >> 16);
        }
        else
        {
            floats[(int)place] = float.IsNaN(value) ? BitConverter.UInt32BitsToSingle(Sea) : value;
        }
    }

    /// <summary>How far a result of that form may be from a sum: half of the last bit's unit, or nothing.</summary>
    public static double Rounding(long place, double value) => Bfloat16Place.Is(place) && value != 0 ? Math.ScaleB(1, Math.ILogB(value) - 8) : 0;

    /// <summary>Random values in [-1, 1].</summary>
    /// <param name="count">Elements, those between rows too.</param>
    /// <param name="isBfloat16">Stored so.</param>
    /// <param name="shift">Elements by which the tensor misses alignment.</param>
    public Tensor Values(long count, bool isBfloat16, int shift = 0)
    {
        var place = isBfloat16 ? Bfloat16Place.Of(next) + shift : next + shift;
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            Set(memory, place + i, (random.NextSingle() * 2) - 1);
            values[i] = Get(memory, place + i);
        }

        next += (int)((shift + count + Gap + 15) / 16 * 16);
        Queue.Upload(memory, 0);
        return new(place, values);
    }

    /// <summary>Compares tensors that launches have changed, and everything else with what it was.</summary>
    /// <param name="relative">Tolerance of sums, of the largest element.</param>
    /// <param name="results">Tensors and what they should be: elements that nothing should change are as they were.</param>
    public void AssertRight(double relative, params ReadOnlySpan<(Tensor Tensor, double[] Expected)> results)
    {
        var device = new float[memory.Length];
        Queue.Download(0, device);
        foreach (var (tensor, expected) in results)
        {
            var largest = expected.Max(Math.Abs);
            for (var i = 0; i < expected.Length; i++)
            {
                double found = Get(device, tensor.Place + i), off = Math.Abs(found - expected[i]);
                Assert.True(off <= (relative * largest) + Rounding(tensor.Place + i, expected[i]), $"Element {i}: {found}, not {expected[i]}, largest {largest}.");
                Set(device, tensor.Place + i, tensor.Values[i]);
            }
        }

        Assert.True(MemoryMarshal.AsBytes<float>(memory).SequenceEqual(MemoryMarshal.AsBytes<float>(device)), "The device wrote something that is no result.");
        Queue.Upload(memory, 0);
    }

    public void Dispose() => open.Dispose();

    /// <summary>A tensor's place and its values, as its form has them.</summary>
    internal sealed record Tensor(long Place, float[] Values)
    {
        public Ref At => GpuQueue.Place(Place);

        /// <summary>A copy to change into what is expected.</summary>
        public double[] Expected() => [.. Values.Select(value => (double)value)];
    }
}
