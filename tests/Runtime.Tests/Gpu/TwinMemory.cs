using Graph.Execution;
using Graph.Tests.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The same tensors at the same offsets in this machine's memory and in a device's. One call of a launch method runs on both, and then all
/// of memory must agree. Tensors lie in a sea of NaN: a read beyond an extent spoils the result, a write beyond it dries the sea.
/// </summary>
internal sealed unsafe class TwinMemory : IDisposable
{
    private const int Gap = 48;

    private readonly GpuTest.OpenQueue open;
    private readonly Arena floats;
    private readonly IntArena integers;
    private readonly Random random = new(1);
    private readonly List<(long Offset, long Count)> tensors = [];
    private long next = Gap;
    private int nextInteger;
    private bool uploaded;

    public TwinMemory(string kind, long floatCount, int integerCount = 16)
    {
        floatCount += 64L * Gap;
        open = GpuTest.Open(kind, floatCount, integerCount);
        floats = new Arena(floatCount);
        integers = new IntArena(integerCount);
        floats.Span.Fill(float.NaN);
    }

    /// <summary>A call on one of both memories.</summary>
    /// <param name="worker">The CPU's or the device's.</param>
    /// <param name="unit">Of the launch; 0 on the device.</param>
    /// <param name="at">From a tensor to its place in that memory.</param>
    public delegate void Launch(Worker worker, long unit, Func<Ref, Ref> at, Func<IntRef, IntRef> integers);

    public GpuQueue Queue => open.Queue;

    /// <summary>Random values in [-reach, reach].</summary>
    /// <param name="shift">Floats by which the tensor misses alignment.</param>
    public Ref Values(long count, int shift = 0, double reach = 1)
    {
        Assert.False(uploaded);
        var start = floats.Start + (next + shift);
        tensors.Add((next + shift, count));
        next = (next + shift + count + Gap + 15) / 16 * 16;
        foreach (ref var value in start.Span(count))
        {
            value = (float)(((random.NextDouble() * 2) - 1) * reach);
        }

        return start;
    }

    public Ref Values(ReadOnlySpan<float> values)
    {
        var start = Values(values.Length);
        values.CopyTo(start.Span(values.Length));
        return start;
    }

    public IntRef Integers(ReadOnlySpan<int> values)
    {
        var start = integers.Start + nextInteger;
        values.CopyTo(start.Span(values.Length));
        nextInteger += values.Length;
        return start;
    }

    public long Offset(Ref tensor) => tensor.Pointer - floats.Start.Pointer;

    /// <summary>Runs all units on the CPU, and the launch once on the device.</summary>
    /// <param name="units">Units on the CPU.</param>
    /// <param name="scratch">Floats of the CPU worker's scratch.</param>
    /// <param name="launch">Calls the method.</param>
    /// <param name="deviceUnits">Units of the device's worker; by default the CPU's.</param>
    public void Run(long units, long scratch, Launch launch, long deviceUnits = 0)
    {
        if (!uploaded)
        {
            Queue.Upload(floats.Span, 0);
            Queue.Upload(integers.Span, 0);
            uploaded = true;
        }

        var cpu = Golden.Worker(CpuExecutor.WidestLanes, scratch);
        for (long unit = 0; unit < units; unit++)
        {
            launch(cpu, unit, place => place, place => place);
        }

        var device = new Worker(0, default, 0, 1, Queue, deviceUnits == 0 ? units : deviceUnits);
        launch(device, 0, OnDevice, tensor => GpuQueue.IntPlace(tensor.Pointer - integers.Start.Pointer));
    }

    /// <summary>Compares all of memory: differences of at most <paramref name="relative"/> of a tensor's largest value.</summary>
    /// <param name="relative">The tolerance.</param>
    /// <param name="except">A tensor that only the device uses.</param>
    public void AssertSame(double relative, Ref except = default)
    {
        var device = new float[floats.Length];
        Queue.Download(0, device);
        var host = floats.Span;
        var at = 0L;
        foreach (var (offset, count) in tensors)
        {
            AssertNaN(device, at, offset);
            at = offset + count;
            if (!except.IsNull && offset == Offset(except))
            {
                continue;
            }

            var largest = 0f;
            foreach (var value in host.Slice((int)offset, (int)count))
            {
                largest = Math.Max(largest, Math.Abs(value));
            }

            for (var i = (int)offset; i < offset + count; i++)
            {
                Assert.True(Math.Abs(host[i] - device[i]) <= relative * largest, $"Element {i - offset} of the tensor at {offset}: {device[i]} on the device, {host[i]} on the CPU, largest {largest}.");
            }
        }

        AssertNaN(device, at, device.Length);
    }

    public void Dispose()
    {
        open.Dispose();
        floats.Dispose();
        integers.Dispose();
    }

    private Ref OnDevice(Ref tensor) => tensor.IsNull ? tensor : GpuQueue.Place(Offset(tensor));

    private static void AssertNaN(float[] device, long from, long end)
    {
        for (var i = from; i < end; i++)
        {
            Assert.True(float.IsNaN(device[i]), $"The device wrote {device[i]} at {i}, between tensors.");
        }
    }
}
