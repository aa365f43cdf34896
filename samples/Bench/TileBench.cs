using System.Diagnostics;
using Graph.Execution;

namespace Graph.Bench;

/// <summary>Forward and backward of a tile operator: unit by unit on one core, or as whole launches on several threads.</summary>
internal abstract class TileBench : IKernelBench
{
    protected const int Samples = 2;

    private readonly CpuExecutor executor;
    private readonly KernelTime forward, backward;
    private readonly long forwardUnits, backwardUnits;

    protected TileBench(string name, int threads, long scratch, double flops, long forwardUnits, long backwardUnits)
    {
        executor = new CpuExecutor(threads, 0, scratch);
        (this.forwardUnits, this.backwardUnits) = (forwardUnits, backwardUnits);
        string suffix = threads > 1 ? $" x{threads}" : "";
        forward = new KernelTime($"{name} forward{suffix}", threads, new BestTimes(threads > 1 ? 1 : (int)forwardUnits, flops));
        backward = new KernelTime($"{name} backward{suffix}", threads, new BestTimes(threads > 1 ? 1 : (int)backwardUnits, 2 * flops));
    }

    public IEnumerable<KernelTime> Times => [forward, backward];

    public void Turn()
    {
        Launch(forward, forwardUnits, false);
        Launch(backward, backwardUnits, true);
    }

    public virtual void Dispose() => executor.Dispose();

    protected abstract void Forward(in Worker worker, long unit);

    protected abstract void Backward(in Worker worker, long unit);

    private void Launch(KernelTime kernel, long units, bool gradient)
    {
        if (executor.Threads > 1)
        {
            long start = Stopwatch.GetTimestamp();
            executor.Run(new Pass(this, gradient, 0), units);
            kernel.Times.Note(0, start);
            return;
        }

        for (int unit = 0; unit < units; unit++)
        {
            long start = Stopwatch.GetTimestamp();
            executor.Run(new Pass(this, gradient, unit), 1);
            kernel.Times.Note(unit, start);
        }
    }

    private readonly struct Pass(TileBench bench, bool gradient, long first) : ILaunch
    {
        public void Run(in Worker worker, long unit)
        {
            if (gradient)
            {
                bench.Backward(worker, first + unit);
            }
            else
            {
                bench.Forward(worker, first + unit);
            }
        }
    }
}
