using System.Runtime.InteropServices;
using Graph.Execution;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Operands of a test that the device stores as bfloat16 (<see cref="Bfloat16Place"/>). They lie in the room of as many floats, of which they need
/// half; the other half must stay as it is.
/// </summary>
internal static class StoredValues
{
    /// <summary>An element that nothing has written: no number.</summary>
    private const ushort Unwritten = 0x7FC1;

    /// <summary>The pair as bfloat16 on the device, where its name is in the list, with the CPU's values rounded alike; else the pair.</summary>
    public static GpuMemory.Pair Stored(this GpuMemory memory, GpuMemory.Pair pair, string name, string bfloat16)
    {
        if (!bfloat16.Split(' ').Contains(name))
        {
            return pair;
        }

        var values = pair.Cpu.Span(pair.Count);
        var elements = Pack(values);
        foreach (ref var value in values)
        {
            value = float.IsNaN(value) ? value : (float)Round(value);
        }

        var at = GpuQueue.At(pair.Gpu);
        memory.Queue.Upload(elements, at);
        return pair with { Gpu = GpuQueue.Place(Bfloat16Place.Of(at)) };
    }

    /// <summary>
    /// The relative error of the device's values in the norm; of values stored as bfloat16 only what is more than the rounding of a store, half a
    /// unit of the last place.
    /// </summary>
    public static double StoredError(this GpuMemory memory, GpuMemory.Pair pair)
    {
        var place = GpuQueue.At(pair.Gpu);
        if (!Bfloat16Place.Is(place))
        {
            return memory.Error(pair);
        }

        var memoryOf = new float[pair.Count];
        memory.Queue.Download(Bfloat16Place.Element(place) / 2, memoryOf);
        var actual = Unpack(memoryOf);
        double difference = 0, whole = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            difference += Math.Pow(MoreThanRounding(actual[i], pair.Cpu[i]), 2);
            whole += (double)pair.Cpu[i] * pair.Cpu[i];
        }

        return Math.Sqrt(difference / whole);
    }

    /// <summary>By how much a stored value misses what was to be stored, less half a unit of the last place.</summary>
    public static double MoreThanRounding(double actual, double expected) =>
        double.IsNaN(actual) ? double.NaN : Math.Max(0, Math.Abs(actual - expected) - (Unit(expected) / 2));

    /// <summary>To nearest, ties to even.</summary>
    public static double Round(double value)
    {
        var unit = Unit(value);
        return unit == 0 ? value : Math.Round(value / unit, MidpointRounding.ToEven) * unit;
    }

    /// <summary>As many floats as there are values, their elements first. What is NaN counts as not written, like all behind the elements.</summary>
    public static float[] Pack(ReadOnlySpan<float> values)
    {
        var floats = new float[values.Length];
        var elements = MemoryMarshal.Cast<float, ushort>(floats.AsSpan());
        elements.Fill(Unwritten);
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsNaN(values[i]))
            {
                elements[i] = (ushort)(BitConverter.SingleToUInt32Bits((float)Round(values[i])) >> 16);
            }
        }

        return floats;
    }

    /// <summary>The values from what <see cref="Pack"/> made and the device changed; fails if it wrote behind them.</summary>
    public static float[] Unpack(float[] floats)
    {
        var elements = MemoryMarshal.Cast<float, ushort>(floats.AsSpan());
        Assert.True(elements[floats.Length..].IndexOfAnyExcept(Unwritten) < 0, "The device wrote behind the values.");
        var values = new float[floats.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BitConverter.UInt32BitsToSingle((uint)elements[i] << 16);
        }

        return values;
    }

    /// <summary>Of the last of eight bits.</summary>
    private static double Unit(double value) => value == 0 ? 0 : Math.ScaleB(1, Math.ILogB(value) - 7);
}
