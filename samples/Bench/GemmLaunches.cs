using System.Diagnostics;
using Graph.Execution;
using Graph.Operators;

namespace Graph.Bench;

/// <summary>The products of <see cref="Layer"/> on several threads, as a step launches them.</summary>
internal sealed class GemmLaunches(int threads) : IKernelBench
{
    private const int Rows = RowBlock.Rows;

    private readonly Layer layer = new();
    private readonly CpuExecutor executor = new(threads, 0, MatMul.WeightGradientScratch);
    private readonly KernelTime nt = Time("NT", threads), nn = Time("NN", threads), tn = Time("TN", threads);

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

    private static KernelTime Time(string name, int threads) => new($"{name} x{threads}", threads, new BestTimes(1, Layer.Flops));

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
