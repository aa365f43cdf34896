using Graph.Execution;
using Graph.Operators;

namespace Graph.Bench;

/// <summary>Attention of the published sizes: width 512, 8 heads.</summary>
internal sealed class AttentionBench : TileBench
{
    private const int C = 512, Heads = 8;

    private readonly int t;
    private readonly Arena x, y, lse, dy, dx;

    public AttentionBench(int t, int threads)
        : base($"t {t}", threads, Attention.WorkerScratch(t, C, Heads), 4.0 * Samples * t * t * C, Samples * Heads, Samples * Heads)
    {
        this.t = t;
        long rows = (long)Samples * t;
        (x, y, lse, dy, dx) = (new Arena(rows * 3 * C), new Arena(rows * C), new Arena(rows * Heads), new Arena(rows * C), new Arena(rows * 3 * C));
        MadeUp.Fill(x.Span);
        MadeUp.Fill(dy.Span);
    }

    public override void Dispose()
    {
        base.Dispose();
        x.Dispose();
        y.Dispose();
        lse.Dispose();
        dy.Dispose();
        dx.Dispose();
    }

    protected override void Forward(in Worker worker, long unit) => Attention.Forward(worker, unit, x.Start, y.Start, lse.Start, t, C, Heads);

    protected override void Backward(in Worker worker, long unit) => Attention.Backward(worker, unit, x.Start, y.Start, lse.Start, dy.Start, dx.Start, t, C, Heads);
}
