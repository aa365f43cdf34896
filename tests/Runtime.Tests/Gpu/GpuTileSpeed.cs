using System.Diagnostics;
using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Milliseconds of each tile operator on PoCL at width 512 and batch 8; never part of a run of the tests, only asked for:
/// <c>dotnet Graph.Runtime.Tests.dll --explicit only --filter-class "*GpuTileSpeed" --show-live-output on</c>.
/// </summary>
[Collection(GpuMemory.Collection)]
public sealed class GpuTileSpeed(ITestOutputHelper output)
{
    [Theory(Explicit = true)]
    [InlineData(8, 97)]
    [InlineData(1, 916)]
    public void Milliseconds(int b, int t)
    {
        const int c = 512, heads = 8, e = 512, n = 128, width = e + 2 * n, w = 4;
        GpuMemory memory = new("pocl");
        int rows = b * t;
        Ref qkv = memory.Input(rows * 3L * c).Gpu, rotated = memory.Zeros(rows * 3L * c).Gpu, y = memory.Input((long)rows * c).Gpu, lse = memory.Input((long)b * heads * t).Gpu;
        Ref dy = memory.Input((long)rows * c).Gpu, xbc = memory.Input((long)rows * width).Gpu, dxbc = memory.Zeros((long)rows * width).Gpu, dconv = memory.Zeros((long)rows * width).Gpu;
        Ref wide = memory.Input((long)rows * width).Gpu, weight = memory.Input(width * w).Gpu, bias = memory.Input(width).Gpu, dweight = memory.Zeros(width * w).Gpu, dbias = memory.Zeros(width).Gpu;
        Ref dt = memory.Input((long)rows * heads, 0.1, 0.01).Gpu, aLog = memory.Input(heads).Gpu, d = memory.Input(heads).Gpu, ddt = memory.Zeros((long)rows * heads).Gpu, partial = memory.Zeros(b * 2L * heads).Gpu;
        Worker units = memory.Device(b * heads), samples = memory.Device(b), allRows = memory.Device(rows);
        Time("Rope forward", () => Rope.Forward(allRows, 0, rows, qkv, 3 * c, rotated, 3 * c, t, c, heads));
        Time("Rope backward", () => Rope.Backward(allRows, 0, rows, rotated, 3 * c, qkv, 3 * c, t, c, heads));
        Time("Attention forward", () => Attention.Forward(units, 0, qkv, y, lse, t, c, heads));
        Time("Attention backward", () => Attention.Backward(units, 0, qkv, y, lse, dy, rotated, t, c, heads));
        Time("CausalConvSiLU forward", () => CausalConvSiLU.Forward(allRows, 0, rows, xbc, width, weight, bias, dxbc, width, t, width, w, 1));
        Time("CausalConvSiLU backward input", () => CausalConvSiLU.BackwardInput(samples, 0, xbc, width, weight, bias, wide, dxbc, width, dconv, t, width, w, 1));
        Time("CausalConvSiLU backward parameters", () => CausalConvSiLU.BackwardParameters(samples, 0, xbc, width, dconv, dweight, dbias, b, t, width, w, 1));
        Time("SsdScan forward", () => SsdScan.Forward(samples, 0, xbc, dt, aLog, d, y, t, e, heads, 1, n, 64, 1, 1));
        Time("SsdScan backward", () => SsdScan.Backward(samples, 0, xbc, dt, aLog, d, dy, dxbc, ddt, partial, t, e, heads, 1, n, 64, 1));

        void Time(string what, Action run)
        {
            run();
            memory.Queue.Synchronize();
            double best = double.PositiveInfinity;
            for (int round = 0; round < 7; round++)
            {
                long start = Stopwatch.GetTimestamp();
                run();
                memory.Queue.Synchronize();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            output.WriteLine($"b {b} t {t} {what}: {best:f2} ms");
        }
    }
}
