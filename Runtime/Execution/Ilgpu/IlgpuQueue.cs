using System.Diagnostics;
using ILGPU;
using ILGPU.Runtime;

namespace Graph.Execution.Ilgpu;

/// <summary>
/// Kernels on one device, in order, on one stream. A kernel is compiled at its first launch on the device (<see cref="DeviceKernels"/>); a warm launch
/// allocates nothing and waits for nothing.
/// </summary>
public sealed class IlgpuQueue : GpuQueue
{
    private readonly Dictionary<GpuKernel, DeviceKernels.Loaded> kernels = new(ReferenceEqualityComparer.Instance);
    private readonly DeviceKernels deviceKernels;
    private readonly Accelerator accelerator;
    private readonly AcceleratorStream stream;
    private readonly LaunchGraphs? graphs;
    private readonly Dictionary<object, Ref> tables = new(ReferenceEqualityComparer.Instance);
    private readonly MemoryBuffer1D<int, Stride1D.Dense> integers;

    // Only page-locked memory is copied without the host waiting: it goes up from here, each copy from its own part until the next wait.
    private readonly PageLockedArray1D<float> outgoing;
    private readonly PageLockedArray1D<float> incoming;
    private MemoryBuffer1D<float, Stride1D.Dense> floats;
    private int outgoingUsed;

    // The program's floats, then the tables, then the scratch.
    private long used;

    /// <param name="device">Where.</param>
    /// <param name="memory">With too small a reserve the memory is moved to a larger place, and for that moment needs both.</param>
    public IlgpuQueue(GpuDevice device, QueueMemory memory)
        : this(device, memory, null)
    {
    }

    /// <param name="device">Where.</param>
    /// <param name="memory">What to allocate.</param>
    /// <param name="driver">Records and replays sequences of launches on the stream; null: each is launched as it comes.</param>
    internal IlgpuQueue(GpuDevice device, QueueMemory memory, Func<AcceleratorStream, IGraphDriver>? driver)
    {
        ArgumentNullException.ThrowIfNull(device);
        accelerator = device.Accelerator;
        deviceKernels = device.Kernels;

        // Not the default stream: CUDA's waits for all others, and cannot be captured.
        stream = accelerator.CreateStream();
        graphs = driver is null ? null : new LaunchGraphs(driver(stream), launch => LaunchNow(launch.Kernel, launch.Groups, launch.GroupSize, launch.Arguments));
        used = Aligned(memory.Floats);
        floats = accelerator.Allocate1D<float>(Math.Max(used + memory.Reserve, 16));
        integers = accelerator.Allocate1D<int>(Math.Max(memory.Integers, 16));
        outgoing = accelerator.AllocatePageLocked1D<float>(memory.Copied);
        incoming = accelerator.AllocatePageLocked1D<float>(memory.Copied);
        floats.MemSetToZero(stream);
        integers.MemSetToZero(stream);
    }

    /// <summary>Times that the host waited for the device.</summary>
    public long Waits { get; private set; }

    /// <summary>Sequences of launches that a graph replayed.</summary>
    internal long Replays => graphs?.Replays ?? 0;

    public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (groups == 0)
        {
            return;
        }

        if (graphs is not null && Profile is null)
        {
            graphs.Add(new Launch(kernel, groups, groupSize, arguments));
            return;
        }

        graphs?.Flush();
        LaunchNow(kernel, groups, groupSize, arguments);
    }

    public override void Upload(ReadOnlySpan<float> values, long offset)
    {
        graphs?.Flush();
        var place = floats.View.SubView(offset, values.Length).BaseView;
        if (values.Length > outgoing.Length)
        {
            place.CopyFromCPU(stream, values);
            Waited();
            return;
        }

        if (outgoingUsed + values.Length > outgoing.Length)
        {
            Synchronize();
        }

        values.CopyTo(outgoing.Span[outgoingUsed..]);
        place.CopyFromCPUUnsafeAsync(stream, ref outgoing.Span[outgoingUsed], values.Length);
        outgoingUsed += values.Length;
    }

    public override void Upload(ReadOnlySpan<int> values, long offset)
    {
        graphs?.Flush();
        integers.View.SubView(offset, values.Length).CopyFromCPU(stream, values);
        Waited();
    }

    public override void Download(long offset, Span<float> values)
    {
        graphs?.Flush();
        var place = floats.View.SubView(offset, values.Length).BaseView;
        if (values.Length > incoming.Length)
        {
            place.CopyToCPU(stream, values);
            Synchronize();
            return;
        }

        place.CopyToCPUUnsafeAsync(stream, ref incoming.Span[0], values.Length);
        Synchronize();
        incoming.Span[..values.Length].CopyTo(values);
    }

    public override void Synchronize()
    {
        graphs?.Flush();
        stream.Synchronize();
        Waited();
    }

    public override Ref Table(object key, Func<float[]> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        if (!tables.TryGetValue(key, out var place))
        {
            var values = make();
            Reserve(used + values.Length);
            Upload(values, used);
            tables[key] = place = Place(used);
            used = Aligned(used + values.Length);
        }

        return place;
    }

    public override Ref Scratch(long count)
    {
        Reserve(used + count);
        return Place(used);
    }

    public override void Dispose()
    {
        base.Dispose();
        stream.Synchronize();
        graphs?.Dispose();
        stream.Dispose();
        floats.Dispose();
        integers.Dispose();
        outgoing.Dispose();
        incoming.Dispose();
    }

    private void LaunchNow(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
    {
        if (!kernels.TryGetValue(kernel, out var loaded))
        {
            kernels[kernel] = loaded = deviceKernels.Of(kernel);
        }

        var start = Profile is null ? 0 : Stopwatch.GetTimestamp();
        loaded.Launch(stream, new KernelConfig(checked((int)groups), groupSize), floats.View, integers.View, arguments);
        if (Profile is not null)
        {
            stream.Synchronize();
            Profile.Launched(kernel, Stopwatch.GetTimestamp() - start, loaded.Resources);
        }
    }

    /// <summary>Whole cache lines, and enough for any vector load.</summary>
    private static long Aligned(long count) => (count + 63) & ~63L;

    /// <summary>Kernels get offsets and the memory anew at every launch, so it can move.</summary>
    private void Reserve(long count)
    {
        if (count <= floats.Length)
        {
            return;
        }

        graphs?.Flush();
        var larger = accelerator.Allocate1D<float>(count);
        larger.MemSetToZero(stream);
        larger.View.SubView(0, floats.Length).CopyFrom(stream, floats.View);
        Synchronize();
        graphs?.Forget();
        floats.Dispose();
        floats = larger;
    }

    /// <summary>All copies are done, so their parts of the page-locked memory are free.</summary>
    private void Waited()
    {
        Waits++;
        outgoingUsed = 0;
    }
}
