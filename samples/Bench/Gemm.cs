using System.Diagnostics;
using Graph.Execution;
using Graph.Operators;

namespace Graph.Bench;

/// <summary>The layer 512 -> 3072 over 672 rows on one core: forward in row blocks, and its weight gradient.</summary>
internal sealed class Gemm : IDisposable
{
    private const int Count = 672, N = 3072, K = 512;
    private const double Flops = 2.0 * Count * N * K;

    private readonly Arena x = new((long)Count * K), y = new((long)Count * N), weight = new((long)N * K);
    private readonly Arena packed = new(MatMul.PackedLength(K, N)), scratch = new(MatMul.WeightGradientScratch);
    private readonly Worker worker;

    public Gemm()
    {
        worker = new Worker(0, scratch.Start, scratch.Length, CpuExecutor.WidestLanes);
        Fill(x.Span);
        Fill(weight.Span);
        MatMul.Pack(weight.Start, K, K, N, transposed: true, packed.Start);
    }

    public BestTimes Rows48 { get; } = new(Count / 48, Flops);

    public BestTimes Rows96 { get; } = new(Count / 96, Flops);

    public BestTimes WeightGradient { get; } = new((int)MatMul.WeightGradientUnits(N, K), Flops);

    /// <summary>Runs every block of every product once.</summary>
    public void Turn()
    {
        Forward(Rows48, 48);
        Forward(Rows96, 96);
        weight.Span.Clear();
        for (int unit = 0; unit < WeightGradient.Blocks; unit++)
        {
            long start = Stopwatch.GetTimestamp();
            MatMul.WeightGradient(worker, unit, y.Start, N, x.Start, K, Count, weight.Start, N, K);
            WeightGradient.Note(unit, start);
        }
    }

    public void Dispose()
    {
        x.Dispose();
        y.Dispose();
        weight.Dispose();
        packed.Dispose();
        scratch.Dispose();
    }

    private void Forward(BestTimes times, int block)
    {
        for (int i = 0; i < times.Blocks; i++)
        {
            long row = (long)i * block;
            long start = Stopwatch.GetTimestamp();
            MatMul.Rows(worker, x.Start + row * K, K, packed.Start, y.Start + row * N, N, block, K, N, accumulate: false);
            times.Note(i, start);
        }
    }

    private static void Fill(Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (i * 7 % 31 - 15) / 16f;
        }
    }
}
