using Graph.Execution;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>Programs of one device share its kernels.</summary>
public sealed class SharedKernelTests
{
    /// <summary>Each thread's launches of one kernel get its own arguments: without <see cref="Execution.Ilgpu.DeviceKernels"/>' lock OpenCL says that arguments are missing.</summary>
    [Theory]
    [InlineData("pocl")]
    [InlineData("simulation")]
    public async Task Threads_launch_one_kernel_at_the_same_time(string kind)
    {
        const int Threads = 4;
        const int Count = 100;
        var launches = kind == "simulation" ? 10 : 500;
        var wrong = new int[Threads];
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(() =>
        {
            using var opened = GpuTest.Open(kind, (Threads + 1) * Count);
            var start = GpuQueue.Place(0);
            for (var launch = 0; launch < launches; launch++)
            {
                GpuFill.Run(opened.Queue, start + (thread * Count), Count, thread + launch);
            }

            var values = new float[(Threads + 1) * Count];
            opened.Queue.Download(0, values);
            wrong[thread] = values.Where((value, i) => value != (i / Count == thread ? thread + launches - 1 : 0)).Count();
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(new int[Threads], wrong);
    }
}
