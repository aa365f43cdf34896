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
public sealed class IlgpuQueue : GpuQueue, IDisposable
{
    private readonly Dictionary<GpuKernel, Launcher> launchers = new(ReferenceEqualityComparer.Instance);
    private readonly Accelerator accelerator;
    private readonly AcceleratorStream stream;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> floats;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> integers;

    /// <param name="accelerator">Opened by <see cref="GpuDevice"/>: its backend is patched.</param>
    /// <param name="floatCount">Floats of device memory.</param>
    /// <param name="integerCount">Integers of device memory.</param>
    public IlgpuQueue(Accelerator accelerator, long floatCount, long integerCount)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        this.accelerator = accelerator;
        stream = accelerator.DefaultStream;
        floats = accelerator.Allocate1D<float>(Math.Max(floatCount, 16));
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

        launcher(stream, new KernelConfig(checked((int)groups), groupSize), floats.View, integers.View, arguments);
    }

    public override void Upload(ReadOnlySpan<float> values, long offset) => floats.View.SubView(offset, values.Length).CopyFromCPU(stream, values);

    public override void Upload(ReadOnlySpan<int> values, long offset) => integers.View.SubView(offset, values.Length).CopyFromCPU(stream, values);

    public override void Download(long offset, Span<float> values)
    {
        floats.View.SubView(offset, values.Length).CopyToCPU(stream, values);
        stream.Synchronize();
    }

    public override void Synchronize() => stream.Synchronize();

    public void Dispose()
    {
        floats.Dispose();
        integers.Dispose();
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Devices need a JIT; the CPU path never comes here.")]
    private Launcher Load(GpuKernel kernel)
    {
        var compiled = accelerator.GetBackend().Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method), KernelSpecialization.Empty);
        KernelSource.Cure(compiled);
        return accelerator.LoadKernel(compiled).CreateLauncherDelegate<Launcher>();
    }
}
