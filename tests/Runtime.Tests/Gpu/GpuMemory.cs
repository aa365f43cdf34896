using Graph.Execution;
using Graph.Tests.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The same values in the CPU's memory and in a device's, so that one call text runs the CPU half and the device half of a launch.
/// What is not an input starts as NaN on both: an element that no kernel writes fails. One queue of a kind serves all tests of
/// <see cref="Collection"/>, one after the other, because loading a kernel takes seconds on PoCL.
/// </summary>
internal sealed class GpuMemory(string kind)
{
    /// <summary>The collection of all tests that use this.</summary>
    public const string Collection = "GpuMemory";

    private const long Floats = 16_000_000;
    private static readonly Dictionary<string, GpuTest.OpenQueue> Opened = [];
    private readonly GpuTest.OpenQueue open = Opened.TryGetValue(kind, out GpuTest.OpenQueue? queue) ? queue : Opened[kind] = GpuTest.Open(kind, Floats);
    private readonly Random random = new(7);
    private long next = 1;

    public GpuQueue Queue => open.Queue;

    /// <summary>What the device half gets for a launch of <paramref name="units"/> units.</summary>
    public Worker Device(long units) => open.Worker(units);

    /// <summary>Random values of at most <paramref name="reach"/>, at least <paramref name="least"/>.</summary>
    public Pair Input(long count, double reach = 1, double least = -1)
    {
        float[] values = [.. Enumerable.Range(0, checked((int)count)).Select(_ => (float)(least * reach + (reach - least * reach) * random.NextDouble()))];
        return Of(values);
    }

    public Pair Output(long count) => Of([.. Enumerable.Repeat(float.NaN, checked((int)count))]);

    public Pair Zeros(long count) => Of(new float[count]);

    /// <summary>The relative error in the Euclidean norm of the device's values.</summary>
    public double Error(Pair pair)
    {
        float[] actual = Values(pair);
        Assert.DoesNotContain(actual, float.IsNaN);
        return Golden.Error(pair.Cpu.Span(pair.Count), actual);
    }

    /// <summary>The device's values.</summary>
    public float[] Values(Pair pair)
    {
        float[] actual = new float[pair.Count];
        Queue.Download(GpuQueue.At(pair.Gpu), actual);
        return actual;
    }

    private Pair Of(float[] values)
    {
        long at = next;
        next += values.Length;
        Assert.True(next <= Floats, $"The device of the tests has {Floats} floats.");
        Queue.Upload(values, at);
        return new Pair(Golden.Floats(values), GpuQueue.Place(at), values.Length);
    }

    /// <summary>A place in both memories.</summary>
    internal readonly record struct Pair(Ref Cpu, Ref Gpu, long Count);
}
