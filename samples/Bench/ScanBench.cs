using Graph.Execution;
using Graph.Operators;

namespace Graph.Bench;

/// <summary>Mamba-2's scan of the published sizes: inner width 1024, 16 heads, one group, state 128, chunks of 64.</summary>
internal sealed class ScanBench : TileBench
{
    private const int E = 1024, Heads = 16, State = 128, Width = E + 2 * State, Chunk = 64, Quadratic = 256;

    private readonly int t;
    private readonly Arena xbc, dt, aLog = new(Heads), d = new(Heads), y, dy, dxbc, ddt, partial = new(Samples * 2 * Heads);

    public ScanBench(int t, int threads)
        : base($"t {t}", threads, SsdScan.WorkerScratch(t, E, Heads, 1, State, Chunk), Flops(t), Samples, Samples)
    {
        this.t = t;
        long rows = (long)Samples * t;
        (xbc, dt, y, dy, dxbc, ddt) = (new Arena(rows * Width), new Arena(rows * Heads), new Arena(rows * E), new Arena(rows * E), new Arena(rows * Width), new Arena(rows * Heads));
        MadeUp.Fill(xbc.Span);
        MadeUp.Fill(dy.Span);
        dt.Span.Fill(0.05f);
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (Arena arena in (Arena[])[xbc, dt, aLog, d, y, dy, dxbc, ddt, partial])
        {
            arena.Dispose();
        }
    }

    protected override void Forward(in Worker worker, long unit) =>
        SsdScan.Forward(worker, unit, xbc.Start, dt.Start, aLog.Start, d.Start, y.Start, t, E, Heads, 1, State, Chunk, 1, 1);

    protected override void Backward(in Worker worker, long unit) =>
        SsdScan.Backward(worker, unit, xbc.Start, dt.Start, aLog.Start, d.Start, dy.Start, dxbc.Start, ddt.Start, partial.Start, t, E, Heads, 1, State, Chunk, 1);

    private static double Flops(int t) =>
        Samples * (t <= Quadratic ? (double)t * (t + 1) * (State + E) : (double)t * (Chunk + 1) * (State + E) + 4.0 * t * E * State);
}
