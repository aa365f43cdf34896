using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Graph.Execution;

namespace Graph.Tests.Operators;

/// <summary>Reads golden tensors (tests/golden) into native memory that lives as long as the test process.</summary>
internal sealed unsafe class Golden
{
    private readonly byte[] bytes;
    private readonly JsonElement header;
    private readonly int start;

    public Golden(string name, [CallerFilePath] string here = "")
    {
        bytes = File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(here)!, "../../golden", name + ".safetensors"));
        start = 8 + (int)BitConverter.ToInt64(bytes);
        header = JsonDocument.Parse(bytes.AsMemory(8, start - 8)).RootElement;
    }

    /// <summary>Uninitialised native floats, filled with NaN so that anything left unwritten shows.</summary>
    public static Ref Floats(long count)
    {
        Ref memory = new((float*)NativeMemory.AlignedAlloc((nuint)(count * 4 + 64), 64));
        memory.Span(count).Fill(float.NaN);
        return memory;
    }

    public static Ref Floats(ReadOnlySpan<float> values)
    {
        Ref memory = Floats(values.Length);
        values.CopyTo(memory.Span(values.Length));
        return memory;
    }

    public static IntRef Ints(ReadOnlySpan<int> values)
    {
        IntRef memory = new((int*)NativeMemory.AlignedAlloc((nuint)(values.Length * 4L + 64), 64));
        values.CopyTo(memory.Span(values.Length));
        return memory;
    }

    /// <summary>A worker restricted to <paramref name="lanes"/>.</summary>
    public static Worker Worker(int lanes, long scratch) => new(0, Floats(scratch), scratch, lanes);

    public float[] this[string name] => MemoryMarshal.Cast<byte, float>(Data(name)).ToArray();

    public int[] Int64s(string name) => [.. MemoryMarshal.Cast<byte, long>(Data(name)).ToArray().Select(v => (int)v)];

    public static double Error(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow((double)expected[i] - actual[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference / Math.Max(norm, 1e-60));
    }

    private Span<byte> Data(string name)
    {
        JsonElement offsets = header.GetProperty(name).GetProperty("data_offsets");
        int from = offsets[0].GetInt32();
        return bytes.AsSpan(start + from, offsets[1].GetInt32() - from);
    }
}
