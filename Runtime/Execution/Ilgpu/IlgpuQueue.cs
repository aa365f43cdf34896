using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Runtime;

namespace Graph.Execution.Ilgpu;

/// <summary>
/// Kernels on one ILGPU accelerator, in order, on one stream. A kernel is compiled at its first launch and kept; a warm launch
/// allocates nothing and waits for nothing.
/// </summary>
public sealed class IlgpuQueue : GpuQueue
{
    private readonly Dictionary<GpuKernel, Launcher> launchers = new(ReferenceEqualityComparer.Instance);
    private readonly Accelerator accelerator;
    private readonly AcceleratorStream stream;
    private readonly Dictionary<object, Ref> tables = new(ReferenceEqualityComparer.Instance);
    private readonly MemoryBuffer1D<int, Stride1D.Dense> integers;
    private MemoryBuffer1D<float, Stride1D.Dense> floats;

    // The program's floats, then the tables, then the scratch.
    private long used;

    /// <param name="accelerator">Opened by <see cref="GpuDevice"/>: its backend is patched.</param>
    /// <param name="floatCount">Floats of device memory.</param>
    /// <param name="integerCount">Integers of device memory.</param>
    /// <param name="reserveCount">Floats for tables and scratch of operators. Without enough of them the memory is moved to a larger place, and for that moment needs both.</param>
    public IlgpuQueue(Accelerator accelerator, long floatCount, long integerCount, long reserveCount = 0)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        this.accelerator = accelerator;
        stream = accelerator.DefaultStream;
        used = Aligned(floatCount);
        floats = accelerator.Allocate1D<float>(Math.Max(used + reserveCount, 16));
        integers = accelerator.Allocate1D<int>(Math.Max(integerCount, 16));
        floats.MemSetToZero(stream);
        integers.MemSetToZero(stream);
    }

    private delegate void Launcher(AcceleratorStream stream, KernelConfig shape, ArrayView<float> floats, ArrayView<int> integers, GpuArguments a);

    public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (groups == 0)
        {
            return;
        }

        if (!launchers.TryGetValue(kernel, out var launcher))
        {
            launchers[kernel] = launcher = Load(kernel);
        }

        var start = Profile is null ? 0 : Stopwatch.GetTimestamp();
        launcher(stream, new KernelConfig(checked((int)groups), groupSize), floats.View, integers.View, arguments);
        if (Profile is not null)
        {
            stream.Synchronize();
            Profile.Launched(kernel, Stopwatch.GetTimestamp() - start);
        }
    }

    public override void Upload(ReadOnlySpan<float> values, long offset) => floats.View.SubView(offset, values.Length).CopyFromCPU(stream, values);

    public override void Upload(ReadOnlySpan<int> values, long offset) => integers.View.SubView(offset, values.Length).CopyFromCPU(stream, values);

    public override void Download(long offset, Span<float> values)
    {
        floats.View.SubView(offset, values.Length).CopyToCPU(stream, values);
        stream.Synchronize();
    }

    public override void Synchronize() => stream.Synchronize();

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
        floats.Dispose();
        integers.Dispose();
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

        var larger = accelerator.Allocate1D<float>(count);
        larger.MemSetToZero(stream);
        larger.View.SubView(0, floats.Length).CopyFrom(stream, floats.View);
        stream.Synchronize();
        floats.Dispose();
        floats = larger;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Devices need a JIT; the CPU path never comes here.")]
    private Launcher Load(GpuKernel kernel)
    {
        var compiled = accelerator.GetBackend().Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method), KernelSpecialization.Empty);
        KernelSource.Cure(compiled);
        return accelerator.LoadKernel(compiled).CreateLauncherDelegate<Launcher>();
    }
}
