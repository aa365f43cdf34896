using System.Diagnostics.CodeAnalysis;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Runtime;

namespace Graph.Execution.Ilgpu;

/// <summary>
/// The kernels of a device, each compiled at its first launch and kept until the device is closed: all programs there share them, so that evaluation compiles nothing
/// that training has. Safe for several threads, each with its own queue.
/// </summary>
internal sealed class DeviceKernels(Accelerator accelerator)
{
    private readonly Dictionary<GpuKernel, Loaded> kernels = new(ReferenceEqualityComparer.Instance);
    private readonly Lock compiling = new();

    // OpenCL binds the arguments to the kernel and then launches it, and the simulation runs one launch at a time: two threads must not mix theirs.
    private readonly Lock launching = new();

    internal delegate void Launcher(AcceleratorStream stream, KernelConfig shape, ArrayView<float> floats, ArrayView<int> integers, GpuArguments a);

    /// <summary>A kernel, ready to launch.</summary>
    public Loaded Of(GpuKernel kernel)
    {
        using var compile = compiling.EnterScope();
        if (!kernels.TryGetValue(kernel, out var loaded))
        {
            kernels[kernel] = loaded = Load(kernel);
        }

        return loaded;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Devices need a JIT; the CPU path never comes here.")]
    private Loaded Load(GpuKernel kernel)
    {
        var compiled = accelerator.GetBackend().Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method), KernelSpecialization.Empty);
        KernelSource.Cure(compiled);
        var loaded = accelerator.LoadKernel(compiled);
        return new Loaded(loaded.CreateLauncherDelegate<Launcher>(), launching, CudaKernels.Of(loaded));
    }

    /// <summary>A compiled kernel and what its threads take.</summary>
    internal sealed class Loaded(Launcher launcher, Lock launching, KernelResources resources)
    {
        public KernelResources Resources => resources;

        public void Launch(AcceleratorStream stream, KernelConfig shape, ArrayView<float> floats, ArrayView<int> integers, in GpuArguments arguments)
        {
            using var launch = launching.EnterScope();
            launcher(stream, shape, floats, integers, arguments);
        }
    }
}
