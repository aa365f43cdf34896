using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Backends;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Graph.Execution.Ilgpu;

/// <summary>An open ILGPU device, safe to run our kernels: the broken pass is removed, natives are found.</summary>
public sealed class GpuDevice : IDisposable
{
    private readonly Context context;

    private GpuDevice(Context context, Accelerator accelerator)
    {
        this.context = context;
        Accelerator = accelerator;
        SafeBackend.Patch(accelerator.GetBackend());
    }

    public Accelerator Accelerator { get; }

    /// <summary>The first OpenCL device whose platform's name contains <paramref name="platform"/>, or null.</summary>
    public static GpuDevice? OpenCl(string platform = "")
    {
        NativeLibraries.Map();
        var context = Context.Create(builder => builder.OpenCL(_ => true).Optimize(OptimizationLevel.O2));
        var device = context.Devices.OfType<CLDevice>().FirstOrDefault(d => d.PlatformName.Contains(platform, StringComparison.OrdinalIgnoreCase));
        if (device is null)
        {
            context.Dispose();
            return null;
        }

        AllowMissingGenericSpace(device);
        return new GpuDevice(context, device.CreateCLAccelerator(context));
    }

    /// <summary>The CUDA device of that index, or null.</summary>
    public static GpuDevice? Cuda(int index = 0)
    {
        NativeLibraries.Map();

        // ILGPU alone has no exponential and no logarithm for PTX; its algorithms bring them.
        var context = Context.Create(builder => builder.Cuda().EnableAlgorithms().Optimize(OptimizationLevel.O2));
        var device = context.Devices.OfType<CudaDevice>().ElementAtOrDefault(index);
        if (device is null)
        {
            context.Dispose();
            return null;
        }

        return new GpuDevice(context, device.CreateCudaAccelerator(context));
    }

    /// <summary>ILGPU's simulation of a GPU, thread by thread: for tests of kernels at tiny sizes.</summary>
    public static GpuDevice Simulation()
    {
        // The default simulation has groups of 16 at most.
        var context = Context.Create(builder => builder.CPU(CPUDeviceKind.Nvidia).Optimize(OptimizationLevel.O2));
        return new GpuDevice(context, context.GetCPUDevice(0).CreateCPUAccelerator(context));
    }

    public void Dispose()
    {
        Accelerator.Dispose();
        context.Dispose();
    }

    /// <summary>ILGPU refuses devices without a generic address space; our kernels need none (<see cref="KernelSource"/>).</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Devices need a JIT; the CPU path never comes here.")]
    private static void AllowMissingGenericSpace(CLDevice device) =>
        typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace), BindingFlags.Instance | BindingFlags.Public)!
            .GetSetMethod(nonPublic: true)!.Invoke(device.Capabilities, [true]);
}
