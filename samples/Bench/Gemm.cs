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

    /// <summary>GFLOP/s of the forward product in blocks of <paramref name="block"/> rows.</summary>
    public double Forward(int block)
    {
        long start = Stopwatch.GetTimestamp();
        for (int row = 0; row < Count; row += block)
        {
            MatMul.Rows(worker, x.Start + (long)row * K, K, packed.Start, y.Start + (long)row * N, N, Math.Min(block, Count - row), K, N, accumulate: false);
        }

        return Flops / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    /// <summary>GFLOP/s of the weight gradient, all units.</summary>
    public double WeightGradient()
    {
        weight.Span.Clear();
        long start = Stopwatch.GetTimestamp();
        for (long unit = 0; unit < MatMul.WeightGradientUnits(N, K); unit++)
        {
            MatMul.WeightGradient(worker, unit, y.Start, N, x.Start, K, Count, weight.Start, N, K);
        }

        return Flops / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    public void Dispose()
    {
        x.Dispose();
        y.Dispose();
        weight.Dispose();
        packed.Dispose();
        scratch.Dispose();
    }

    private static void Fill(Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (i * 7 % 31 - 15) / 16f;
        }
    }
}
