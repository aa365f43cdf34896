using System.Diagnostics;
using Graph.Execution;

namespace Graph.Bench;

/// <summary>The products of <see cref="Layer"/> on several threads, as a step launches them.</summary>
/// <param name="threads">Threads.</param>
/// <param name="bfloat16">Factors rounded to bfloat16.</param>
internal sealed class GemmLaunches(int threads, bool bfloat16) : IKernelBench
{
    private const int Rows = RowBlock.Rows;

    private readonly Layer layer = new(bfloat16);
    private readonly CpuExecutor executor = new(threads, 0, Layer.Scratch, bfloat16);
    private readonly KernelTime nt = Time("NT", threads, bfloat16), nn = Time("NN", threads, bfloat16), tn = Time("TN", threads, bfloat16);

    public IEnumerable<KernelTime> Times => [nt, nn, tn];

    public void Turn()
    {
        Launch(nt, new Nt(layer), Layer.Units(Rows));
        Launch(nn, new Nn(layer), Layer.Units(Rows));
        Launch(tn, new Tn(layer), Layer.GradientUnits);
    }

    public void Dispose()
    {
        executor.Dispose();
        layer.Dispose();
    }

    private static KernelTime Time(string name, int threads, bool bfloat16) => new(Layer.Named($"{name} x{threads}", bfloat16), threads, new BestTimes(1, Layer.Flops));

    private void Launch<T>(KernelTime kernel, T launch, long units)
        where T : struct, ILaunch
    {
        long start = Stopwatch.GetTimestamp();
        executor.Run(launch, units);
        kernel.Times.Note(0, start);
    }

    private readonly struct Nt(Layer layer) : ILaunch
    {
        public void Run(in Worker worker, long unit) => layer.Nt(worker, unit, Rows);
    }

    private readonly struct Nn(Layer layer) : ILaunch
    {
        public void Run(in Worker worker, long unit) => layer.Nn(worker, unit, Rows);
    }

    private readonly struct Tn(Layer layer) : ILaunch
    {
        public void Run(in Worker worker, long unit) => layer.Tn(worker, unit);
    }
}
