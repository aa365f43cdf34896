using System.Globalization;
using System.Runtime.CompilerServices;
using ILGPU.Runtime.OpenCL;

namespace Graph.Execution.Ilgpu;

/// <summary>Devices by the names that programs take on their command lines: <c>cpu</c>, <c>cuda</c>, <c>opencl</c>, an index after a colon, or <c>auto</c>.</summary>
public static class Devices
{
    /// <summary>What <c>--device</c> takes, for a program's help.</summary>
    public const string Help = "cpu[,bf16] (bf16: matrix products of bfloat16 factors), cuda[:INDEX][,bf16][,graph] (bf16: products on tensor cores, activations of half the size; graph: launches as CUDA graphs), opencl[:INDEX][,bf16] (bf16: activations of half the size), or auto: a CUDA device, else an OpenCL GPU, else the CPU";

    private const string Bfloat16 = "bf16";
    private const string Graphs = "graph";

    /// <summary>Whether the name is that of this machine's cores, in either precision.</summary>
    public static bool IsCpu(string id) => id is "cpu" or "cpu," + Bfloat16;

    /// <summary>Opens a device. The caller disposes of it (<see cref="IDisposable"/>) after its programs; the CPU needs no disposal.</summary>
    /// <param name="id">As in <see cref="Help"/>.</param>
    /// <param name="threads">For the CPU: threads, 0: one per core.</param>
    /// <exception cref="GraphException">There is no such device on this machine, or it lacks what the options ask for.</exception>
    public static Device Open(string id, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(id);
        var options = id.Split(',');
        if (options.Skip(1).Any(option => option is not (Bfloat16 or Graphs)) || options.Distinct().Count() < options.Length)
        {
            throw Unknown(id);
        }

        var device = OpenPlain(options[0], threads, id);
        if (options.Length == 1)
        {
            return device;
        }

        if (device is not GpuDevice gpu)
        {
            return options.Contains(Graphs)
                ? throw new GraphException($"{device.Name} has no CUDA graphs; use a CUDA device.")
                : Device.Cpu(threads, bfloat16: true);
        }

        try
        {
            gpu.Bfloat16 = options.Contains(Bfloat16);
            gpu.Graphs = options.Contains(Graphs);
            return gpu;
        }
        catch (GraphException)
        {
            gpu.Dispose();
            throw;
        }
    }

    /// <param name="id">Without options.</param>
    /// <param name="threads">For the CPU.</param>
    /// <param name="asked">With them, as the user wrote it.</param>
    private static Device OpenPlain(string id, int threads, string asked)
    {
        if (id == "cpu")
        {
            return Device.Cpu(threads);
        }

        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            throw new GraphException($"Device '{id}' needs a just-in-time compiler, which this program was published without; use cpu.");
        }

        if (id == "auto")
        {
            return GpuDevice.Cuda() ?? OpenClGpu() ?? Device.Cpu(threads);
        }

        var parts = id.Split(':');
        var index = 0;
        if (parts.Length > 2 || (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index)) || parts[0] is not ("cuda" or "opencl"))
        {
            throw Unknown(asked);
        }

        return (parts[0] == "cuda" ? GpuDevice.Cuda(index) : GpuDevice.OpenCl(index)) ?? throw new GraphException($"There is no device '{id}' on this machine; it has {Found()}.");
    }

    private static GraphException Unknown(string id) => new($"Device '{id}' is not known; expected {Help}.");

    private static string Found() => string.Join(", ", GpuDevice.List().Select(d => $"{d.Id} ({d.Name})").Prepend("cpu"));

    /// <summary>Null: there are no more, or it lacks what kernels need.</summary>
    private static GpuDevice? Usable(int index)
    {
        try
        {
            return GpuDevice.OpenCl(index);
        }
        catch (GraphException)
        {
            return null;
        }
    }

    /// <summary>OpenCL on the CPU's own cores is slower than the SIMD executor, so <c>auto</c> does not take it.</summary>
    private static GpuDevice? OpenClGpu()
    {
        for (var index = 0; Usable(index) is { } device; index++)
        {
            if (((CLAccelerator)device.Accelerator).DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU))
            {
                return device;
            }

            device.Dispose();
        }

        return null;
    }
}
