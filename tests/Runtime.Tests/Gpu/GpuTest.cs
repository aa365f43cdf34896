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
    /// <summary>ILGPU's simulation (slow: about a thousand work items), and PoCL.</summary>
    public static TheoryData<string> Kinds => ["simulation", "pocl"];

    /// <summary>A queue of that kind with so much memory, all zero.</summary>
    public static OpenQueue Open(string kind, long floats, long integers = 16) => new(kind switch
    {
        "simulation" => GpuDevice.Simulation(),
        "pocl" => Pocl(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of queue."),
    }, floats, integers);

    /// <summary>PoCL runs OpenCL kernels on this machine's cores. Without it the test says that it is skipped; with CI=true that is a failure.</summary>
    private static GpuDevice Pocl()
    {
        var device = GpuDevice.OpenCl(0, "Portable Computing Language");
        if (device is null && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip("PoCL is not installed: apt-get install pocl-opencl-icd ocl-icd-libopencl1.");
        }

        return device ?? throw new InvalidOperationException("PoCL is not installed, and CI=true makes that a failure.");
    }

    /// <summary>A queue and the device under it.</summary>
    internal sealed class OpenQueue(GpuDevice device, long floats, long integers) : IDisposable
    {
        private readonly IlgpuQueue queue = new(device.Accelerator, floats, integers);

        public GpuQueue Queue => queue;

        /// <summary>What a launch of <paramref name="units"/> units gets on a device.</summary>
        public Worker Worker(long units) => new(0, default, 0, 1, queue, units);

        public void Dispose()
        {
            queue.Dispose();
            device.Dispose();
        }
    }
}
