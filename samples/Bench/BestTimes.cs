using System.Diagnostics;

namespace Graph.Bench;

/// <summary>
/// The best time of each block of a product over many turns. Blocks of about a millisecond fit between the interruptions
/// of a shared machine, which whole products do not; every block is still timed amid the others, with cold outputs.
/// </summary>
internal sealed class BestTimes(int blocks, double flops)
{
    private readonly double[] best = [.. Enumerable.Repeat(double.MaxValue, blocks)];

    public int Blocks => blocks;

    /// <summary>GFLOP/s if every block took its best time.</summary>
    public double Gflops => flops / best.Sum() / 1e9;

    public void Note(int block, long start) =>
        best[block] = Math.Min(best[block], Stopwatch.GetElapsedTime(start).TotalSeconds);
}
