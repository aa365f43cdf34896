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

/// <summary>An open ILGPU device, safe to run our kernels: the broken pass is removed, native libraries are found.</summary>
public sealed class GpuDevice : Device, IDisposable
{
    /// <summary>OpenCL's loader is not safe while it starts: two contexts at once, and one found no platform.</summary>
    private static readonly Lock Opening = new();
    private readonly Context context;
    private readonly string id;

    private GpuDevice(string id, Context context, Accelerator accelerator)
    {
        this.context = context;
        this.id = id;
        Accelerator = accelerator;
        Kernels = new DeviceKernels(accelerator);
        MemoryBytes = accelerator.MemorySize;
        FreeBytes = accelerator is CudaAccelerator cuda ? cuda.GetFreeMemory : () => long.MaxValue;
        SafeBackend.Patch(accelerator.GetBackend());
    }

    public override string Id => id + (Bfloat16 ? ",bf16" : "") + (Graphs ? ",graph" : "");

    public override string Name => Accelerator.Name;

    public Accelerator Accelerator { get; }

    internal DeviceKernels Kernels { get; }

    /// <summary>
    /// Programs allocated from now on keep what lies in memory between kernels as bfloat16, where all of them can take it: half the memory. On CUDA devices of
    /// compute capability 8.0 and later their products also run on tensor cores (<see cref="HasTensorCores"/>); elsewhere everything is computed in float32.
    /// Off by default: it changes results in the third digit, and was never measured on hardware.
    /// </summary>
    public bool Bfloat16 { get; set; }

    public override bool StoresBfloat16 => Bfloat16;

    public override bool HasTensorCores => Bfloat16 && Accelerator is CudaAccelerator { Architecture.Major: >= 8 };

    /// <summary>
    /// Programs allocated from now on record their sequences of launches as CUDA graphs and replay those that repeat: same results, one call
    /// of the driver for hundreds. Off by default: it has never run on hardware.
    /// </summary>
    /// <exception cref="GraphException">The device is not CUDA.</exception>
    public bool Graphs
    {
        get;
        set => field = !value || Accelerator is CudaAccelerator ? value : throw new GraphException($"{Name} has no CUDA graphs; use a CUDA device.");
    }

    /// <summary>Bytes that programs may take: all of the device's, or fewer.</summary>
    public long MemoryBytes { get; set; }

    /// <summary>Bytes that nobody has taken yet, other programs of this process included; CUDA says it, of OpenCL devices none does.</summary>
    internal Func<long> FreeBytes { get; set; }

    /// <summary>What is on this machine, in the order of the indices.</summary>
    public static IReadOnlyList<(string Id, string Name, long MemoryBytes)> List()
    {
        NativeLibraries.Map();
        using var opening = Opening.EnterScope();
        using var context = Context.Create(builder => builder.Cuda().OpenCL(_ => true));
        return [
            .. context.Devices.OfType<CudaDevice>().Select((d, i) => ($"cuda:{i}", d.Name, d.MemorySize)),
            .. context.Devices.OfType<CLDevice>().Select((d, i) => ($"opencl:{i}", $"{d.Name} ({d.PlatformName})", d.MemorySize)),
        ];
    }

    /// <summary>The CUDA device of that index, or null.</summary>
    public static GpuDevice? Cuda(int index = 0)
    {
        NativeLibraries.Map();

        // ILGPU alone has no exponential and no logarithm for PTX; its algorithms bring them.
        var context = Context.Create(builder => builder.Cuda().EnableAlgorithms().Optimize(OptimizationLevel.O2));
        if (context.Devices.OfType<CudaDevice>().ElementAtOrDefault(index) is not { } device)
        {
            context.Dispose();
            return null;
        }

        return new GpuDevice($"cuda:{index}", context, device.CreateCudaAccelerator(context));
    }

    /// <summary>The OpenCL device of that index among those whose platform's name contains <paramref name="platform"/>, or null.</summary>
    /// <exception cref="GraphException">The device lacks what kernels need.</exception>
    public static GpuDevice? OpenCl(int index = 0, string platform = "")
    {
        NativeLibraries.Map();
        using var opening = Opening.EnterScope();
        var context = Context.Create(builder => builder.OpenCL(_ => true).Optimize(OptimizationLevel.O2));
        var device = context.Devices.OfType<CLDevice>().Where(d => d.PlatformName.Contains(platform, StringComparison.OrdinalIgnoreCase)).ElementAtOrDefault(index);
        if (device is null)
        {
            context.Dispose();
            return null;
        }

        if (!device.Capabilities.Float64)
        {
            var name = device.Name;
            context.Dispose();
            throw new GraphException($"{name} has no float64, which the sums of losses and norms need; use another device.");
        }

        AllowMissingGenericSpace(device);
        return new GpuDevice($"opencl:{index}", context, device.CreateCLAccelerator(context));
    }

    /// <summary>ILGPU's simulation of a GPU, thread by thread: for tests of kernels at tiny sizes.</summary>
    public static GpuDevice Simulation()
    {
        // The default simulation has groups of 16 at most.
        var context = Context.Create(builder => builder.CPU(CPUDeviceKind.Nvidia).Optimize(OptimizationLevel.O2));
        return new GpuDevice("simulation", context, context.GetCPUDevice(0).CreateCPUAccelerator(context));
    }

    public void Dispose()
    {
        Accelerator.Dispose();
        context.Dispose();
    }

    internal override ProgramMemory Allocate(CompiledProgram program)
    {
        var room = Math.Min(MemoryBytes, FreeBytes());
        if (!Fits(program, program.Batch, room))
        {
            throw Refusal(program, room);
        }

        var layout = DeviceLayout.Of(program, program.Batch);
        try
        {
            return new GpuMemory(program.Table, layout, memory => new IlgpuQueue(this, memory, Graphs ? stream => CudaGraphs.Of(stream)! : null));
        }
        catch (AcceleratorException problem)
        {
            // Between the question above and this, or where nobody says what is free, others may have taken a part.
            throw new GraphException($"{Name} did not give {layout.Bytes >> 20:N0} MB for batch {program.Batch} ({problem.Message.TrimEnd('.')}); take a smaller batch.");
        }
    }

    /// <summary>Without the operators' scratch first: a batch far too large cannot even be gone through.</summary>
    private bool Fits(CompiledProgram program, int batch, long room) =>
        new DeviceLayout(program.Table, batch, HasTensorCores).Bytes <= room && DeviceLayout.Of(program, batch).Bytes <= room;

    private GraphException Refusal(CompiledProgram program, long room)
    {
        var (fits, tooLarge) = (0, program.Batch);
        while (tooLarge - fits > 1)
        {
            var batch = fits + ((tooLarge - fits) / 2);
            (fits, tooLarge) = Fits(program, batch, room) ? (batch, tooLarge) : (fits, batch);
        }

        var free = room < MemoryBytes ? $", of which {room >> 20:N0} MB are free" : "";
        var refusal = $"Batch {program.Batch} does not fit on {Name}, which has {MemoryBytes >> 20:N0} MB{free}";
        return new GraphException(fits == 0 ? $"{refusal}; no batch of this model does." : $"{refusal}; a batch of {fits} does.");
    }

    /// <summary>ILGPU refuses devices without a generic address space; our kernels need none (<see cref="KernelSource"/>).</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Devices need a JIT; the CPU path never comes here.")]
    private static void AllowMissingGenericSpace(CLDevice device) =>
        typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace), BindingFlags.Instance | BindingFlags.Public)!
            .GetSetMethod(nonPublic: true)!.Invoke(device.Capabilities, [true]);
}
