using System.Collections.Concurrent;
using Graph.Execution;
using Graph.Execution.Ilgpu;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The queues on which a device kernel is proven without a GPU. Tests of kernels are theories over <see cref="Kinds"/>, so that one test
/// is all the proofs.
/// </summary>
internal static class GpuTest
{
    private static readonly ConcurrentDictionary<string, Lazy<GpuDevice>> Opened = new();

    /// <summary>
    /// Set in a process that <see cref="Oclgrind"/> starts, to a file that gets the names of the launched kernels: there tests of the simulation's small sizes run on Oclgrind instead,
    /// and all others are skipped.
    /// </summary>
    public const string UnderOclgrind = "GRAPH_UNDER_OCLGRIND";

    /// <summary>
    /// Names a device (as <c>--device</c> does) on which a process runs the tests of PoCL and of the interpreter instead, those of steps in bfloat16
    /// with it: <c>.ci/gpu</c> sets it on a machine that has a GPU. Tests of the simulation's tiny sizes are skipped there.
    /// </summary>
    public const string OnDevice = "GRAPH_TEST_DEVICE";

    /// <summary>ILGPU's simulation (slow: about a thousand work items), PoCL, and the interpreter of what CUDA would get.</summary>
    public static TheoryData<string> Kinds => ["simulation", "pocl", "ptx"];

    /// <summary>A queue of that kind with so much memory, all zero.</summary>
    public static OpenQueue Open(string kind, long floats, long integers = 16) => Here(kind) switch
    {
        "ptx" => new(new PtxQueue(floats, integers)),
        var here => OnQueue(Shared(here), floats, integers),
    };

    public static bool IsUnderOclgrind => Environment.GetEnvironmentVariable(UnderOclgrind) is not null;

    public static bool IsOnDevice => Named is not null;

    private static string? Named => Environment.GetEnvironmentVariable(OnDevice);

    private static string Here(string kind)
    {
        if (Named is not null)
        {
            Assert.SkipWhen(kind == "simulation", $"With {OnDevice} only the device runs.");
            return kind.EndsWith("-bfloat16", StringComparison.Ordinal) ? "device-bfloat16" : "device";
        }

        if (!IsUnderOclgrind)
        {
            return kind;
        }

        Assert.SkipUnless(kind is "simulation" or "oclgrind", "Under Oclgrind only small sizes run.");
        return "oclgrind";
    }

    /// <summary>A tool that only some machines have: without it the test says that it is skipped; with CI=true that is a failure.</summary>
    public static void Missing(string what)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            throw new InvalidOperationException($"{what}, and CI=true makes that a failure.");
        }

        Assert.Skip(what);
    }

    /// <summary>For a test of tensor cores: the interpreter has them; on a device without the test is skipped.</summary>
    public static void NeedTensorCores() => Assert.SkipWhen(Named is not null && !Shared("device-bfloat16").HasTensorCores, $"{Named} has no tensor cores.");

    /// <summary>A device of that kind for whole programs. All tests of a process share it with its compiled kernels: none disposes or changes it.</summary>
    public static Device Device(string kind) => Here(kind) switch
    {
        "ptx" => new QueueDevice("ptx", memory => new PtxQueue(memory.Floats, memory.Integers)),
        "ptx-bfloat16" => new QueueDevice("ptx-bfloat16", memory => new PtxQueue(memory.Floats, memory.Integers), bfloat16: true),
        "oclgrind" => new QueueDevice("oclgrind", memory => new NotingQueue(new IlgpuQueue(Shared("oclgrind"), memory))),
        var here => Shared(here),
    };

    /// <summary>A device of that kind for a test that changes it, and disposes it.</summary>
    public static GpuDevice OwnDevice(string kind) => OpenDevice(Here(kind));

    /// <summary>Compiling the kernels is most of what a test of small sizes would do.</summary>
    private static GpuDevice Shared(string here) => Opened.GetOrAdd(here, key => new Lazy<GpuDevice>(() => OpenDevice(key))).Value;

    private static GpuDevice OpenDevice(string here) => here switch
    {
        "simulation" => GpuDevice.Simulation(),
        "pocl" => Pocl(),
        "pocl-bfloat16" => Pocl(bfloat16: true),
        "oclgrind" => GpuDevice.OpenCl(0, "Oclgrind") ?? throw new InvalidOperationException("This process does not run under oclgrind."),
        "device" => (GpuDevice)Devices.Open(Named!),
        "device-bfloat16" => (GpuDevice)Devices.Open(Named + ",bf16"),
        _ => throw new ArgumentOutOfRangeException(nameof(here), here, "Not a kind of device."),
    };

    private static OpenQueue OnQueue(GpuDevice device, long floats, long integers)
    {
        var queue = new IlgpuQueue(device, new QueueMemory(floats, integers));
        return new(IsUnderOclgrind ? new NotingQueue(queue) : queue);
    }

    /// <summary>PoCL runs OpenCL kernels on this machine's cores.</summary>
    private static GpuDevice Pocl(bool bfloat16 = false)
    {
        var device = GpuDevice.OpenCl(0, "Portable Computing Language");
        if (device is null)
        {
            Missing("PoCL is not installed: apt-get install pocl-opencl-icd ocl-icd-libopencl1");
        }

        device!.Bfloat16 = bfloat16;
        return device;
    }

    /// <summary>A queue of a test.</summary>
    internal sealed class OpenQueue(GpuQueue queue) : IDisposable
    {
        public GpuQueue Queue => queue;

        /// <summary>The interpreter: for what no device tells. On a device the test is skipped.</summary>
        public PtxQueue Interpreter
        {
            get
            {
                Assert.SkipUnless(queue is PtxQueue, "Mutants, conflicts and instructions are the interpreter's.");
                return (PtxQueue)queue;
            }
        }

        /// <summary>What a launch of <paramref name="units"/> units gets on a device.</summary>
        public Worker Worker(long units) => new(0, default, 0, 1, queue, units);

        public void Dispose() => queue.Dispose();
    }
}
