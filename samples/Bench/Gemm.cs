using System.Diagnostics;
using Graph.Execution;
using Graph.Operators;

namespace Graph.Bench;

/// <summary>The products of <see cref="Layer"/> on one core, block by block.</summary>
internal sealed class Gemm : IKernelBench
{
    private readonly Layer layer = new();
    private readonly Arena scratch = new(MatMul.WeightGradientScratch);
    private readonly Worker worker;
    private readonly KernelTime nt48 = Time("NT48", Layer.Units(48)), nt96 = Time("NT96", Layer.Units(96)), nn48 = Time("NN48", Layer.Units(48)), tn = Time("TN", Layer.GradientUnits);

    public Gemm() => worker = new Worker(0, scratch.Start, scratch.Length, CpuExecutor.WidestLanes);

    public IEnumerable<KernelTime> Times => [nt48, nt96, nn48, tn];

    public void Turn()
    {
        Blocks(nt48, 48, static (layer, worker, unit, rows) => layer.Nt(worker, unit, rows));
        Blocks(nt96, 96, static (layer, worker, unit, rows) => layer.Nt(worker, unit, rows));
        Blocks(nn48, 48, static (layer, worker, unit, rows) => layer.Nn(worker, unit, rows));
        Blocks(tn, 0, static (layer, worker, unit, _) => layer.Tn(worker, unit));
    }

    public void Dispose()
    {
        layer.Dispose();
        scratch.Dispose();
    }

    private static KernelTime Time(string name, long blocks) => new(name, 1, new BestTimes((int)blocks, Layer.Flops));

    private void Blocks(KernelTime kernel, int rows, Action<Layer, Worker, long, int> block)
    {
        for (int i = 0; i < kernel.Times.Blocks; i++)
        {
            long start = Stopwatch.GetTimestamp();
            block(layer, worker, i, rows);
            kernel.Times.Note(i, start);
        }
    }
}
