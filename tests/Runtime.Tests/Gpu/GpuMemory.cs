using Graph.Execution;
using Graph.Tests.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The same values in the CPU's memory and in a device's, so that one call text runs the CPU half and the device half of a launch.
/// What is not an input starts as NaN on both: an element that no kernel writes fails.
/// </summary>
internal sealed class GpuMemory(string kind, long floats) : IDisposable
{
    private readonly GpuTest.OpenQueue open = GpuTest.Open(kind, floats);
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

    public void Dispose() => open.Dispose();

    private Pair Of(float[] values)
    {
        long at = next;
        next += values.Length;
        Assert.True(next <= floats, $"The test asked for {floats} floats of device memory and needs more.");
        Queue.Upload(values, at);
        return new Pair(Golden.Floats(values), GpuQueue.Place(at), values.Length);
    }

    /// <summary>A place in both memories.</summary>
    internal readonly record struct Pair(Ref Cpu, Ref Gpu, long Count);
}
