using System.Diagnostics;
using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>Figures, not a proof: run with <c>--explicit only --filter-class Graph.Tests.Gpu.GpuMatMulSpeed --show-live-output on</c>.</summary>
public sealed class GpuMatMulSpeed(ITestOutputHelper output)
{
    [Theory(Explicit = true)]
    [InlineData(GpuTiles.SmallTile, 512)]
    [InlineData(GpuTiles.MiddleTile, 512)]
    [InlineData(GpuTiles.MiddleTile, 1024)]
    [InlineData(GpuTiles.LargeTile, 512)]
    [InlineData(GpuTiles.LargeTile, 1024)]
    public void Of_a_tile_on_PoCL(int tile, int size)
    {
        using var open = GpuTest.Open("pocl", 3L * size * size);
        var each = (long)size * size;
        foreach (var (name, deepA, deepB) in new[] { ("x Wᵀ", true, true), ("dy W", true, false), ("dyᵀ x", false, false) })
        {
            var product = new GpuProduct(new GpuFactor(0, size, deepA), new GpuFactor(each, size, deepB), 2 * each, size, size, size, size) { Tile = tile };
            product.Launch(open.Queue);
            open.Queue.Synchronize();
            var best = double.MaxValue;
            for (var run = 0; run < 5; run++)
            {
                var start = Stopwatch.GetTimestamp();
                product.Launch(open.Queue);
                open.Queue.Synchronize();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            output.WriteLine($"{name} of {size}, tile {tile}: {2e-9 * size * size * size / best:f1} GFLOP/s");
        }
    }
}
