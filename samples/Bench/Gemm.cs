using System.Diagnostics;
using Graph.Execution;

namespace Graph.Bench;

/// <summary>The products of <see cref="Layer"/> on one core, block by block.</summary>
/// <param name="bfloat16">Factors rounded to bfloat16.</param>
internal sealed class Gemm(bool bfloat16) : IKernelBench
{
    private readonly Layer layer = new(bfloat16);
    private readonly Arena scratch = new(Layer.Scratch);
    private readonly KernelTime nt48 = Time("NT48", Layer.Units(48), bfloat16), nt96 = Time("NT96", Layer.Units(96), bfloat16), nn48 = Time("NN48", Layer.Units(48), bfloat16), tn = Time("TN", Layer.GradientUnits, bfloat16);

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

    private static KernelTime Time(string name, long blocks, bool bfloat16) => new(Layer.Named(name, bfloat16), 1, new BestTimes((int)blocks, Layer.Flops));

    private void Blocks(KernelTime kernel, int rows, Action<Layer, Worker, long, int> block)
    {
        var worker = new Worker(0, scratch.Start, scratch.Length, CpuExecutor.WidestLanes, bfloat16: bfloat16);
        for (int i = 0; i < kernel.Times.Blocks; i++)
        {
            long start = Stopwatch.GetTimestamp();
            block(layer, worker, i, rows);
            kernel.Times.Note(i, start);
        }
    }
}
