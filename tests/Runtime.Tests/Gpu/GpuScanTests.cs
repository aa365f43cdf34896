using Graph.Execution;
using Graph.Operators;
using Graph.Tests.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The scan on a device against its CPU half, quadratic (t up to 256) and in chunks, both directions, with operands in float32 and as bfloat16.
/// Relative errors in the norm; the reductions over heads, features and positions run in another order.
/// </summary>
[Collection(GpuMemory.Collection)]
public sealed class GpuScanTests
{
    [Theory]
    [InlineData("simulation", 1, 5, 2, 1, 4, 4, 64, 1, "")]
    [InlineData("ptx", 1, 5, 2, 1, 4, 4, 64, 1, "")]
    [InlineData("simulation", 1, 257, 1, 1, 4, 4, 128, -1, "")]
    [InlineData("ptx", 1, 257, 1, 1, 4, 4, 128, -1, "")]
    [InlineData("pocl", 2, 97, 8, 1, 32, 128, 64, 1, "")]
    [InlineData("pocl", 2, 97, 4, 2, 64, 16, 64, -1, "")]
    [InlineData("pocl", 1, 1, 2, 1, 16, 16, 64, 1, "")]
    [InlineData("pocl", 2, 200, 4, 2, 96, 72, 64, -1, "")]
    [InlineData("pocl", 2, 300, 4, 1, 32, 64, 64, 1, "")]
    [InlineData("pocl", 3, 270, 4, 2, 80, 96, 96, -1, "")]
    [InlineData("pocl", 1, 916, 2, 1, 64, 128, 64, 1, "")]
    [InlineData("simulation", 1, 5, 2, 1, 4, 4, 64, -1, "xbc y dy dxbc")]
    [InlineData("ptx", 1, 5, 2, 1, 4, 4, 64, -1, "xbc y dy dxbc")]
    [InlineData("simulation", 1, 5, 2, 1, 3, 3, 64, 1, "xbc dy")]
    [InlineData("ptx", 1, 5, 2, 1, 3, 3, 64, 1, "xbc dy")]
    [InlineData("ptx", 1, 5, 2, 1, 4, 4, 64, 1, "y dxbc")]
    [InlineData("ptx", 1, 257, 1, 1, 4, 4, 128, 1, "xbc y dy dxbc")]
    [InlineData("pocl", 2, 97, 4, 2, 64, 16, 64, -1, "xbc y dy dxbc")]
    [InlineData("pocl", 2, 97, 4, 2, 63, 17, 64, 1, "xbc y dy dxbc")]
    [InlineData("pocl", 2, 300, 4, 1, 32, 64, 64, 1, "xbc y dy dxbc")]
    [InlineData("pocl", 3, 270, 4, 2, 80, 96, 96, -1, "xbc")]
    [InlineData("pocl", 2, 97, 4, 2, 64, 16, 64, 1, "y dy")]
    [InlineData("pocl", 2, 97, 4, 2, 64, 16, 64, 1, "dxbc")]
    public void Scan_equals_the_cpu(string kind, int b, int t, int heads, int groups, int p, int n, int chunk, int direction, string bfloat16)
    {
        int e = heads * p, width = e + 2 * groups * n;
        GpuMemory memory = new(kind);
        var xbc = memory.Stored(memory.Input((long)b * t * width), "xbc", bfloat16);
        var dt = memory.Input((long)b * t * heads, 0.1, 0.01);
        var aLog = memory.Input(heads, 2.7, 0);
        var d = memory.Input(heads);
        var dy = memory.Stored(memory.Input((long)b * t * e), "dy", bfloat16);
        var y = memory.Stored(memory.Output((long)b * t * e), "y", bfloat16);
        var dxbc = memory.Stored(memory.Output((long)b * t * width), "dxbc", bfloat16);
        var ddt = memory.Output((long)b * t * heads);
        var partial = memory.Output(b * 2L * heads);
        var dA = memory.Input(heads);
        var dD = memory.Input(heads);
        Worker cpu = Golden.Worker(16, SsdScan.WorkerScratch(t, e, heads, groups, n, chunk)), device = memory.Device(b);
        for (int unit = 0; unit < b * groups; unit++)
        {
            SsdScan.Forward(cpu, unit, xbc.Cpu, dt.Cpu, aLog.Cpu, d.Cpu, y.Cpu, t, e, heads, groups, n, chunk, direction, 1);
        }

        for (int unit = 0; unit < b; unit++)
        {
            SsdScan.Backward(cpu, unit, xbc.Cpu, dt.Cpu, aLog.Cpu, d.Cpu, dy.Cpu, dxbc.Cpu, ddt.Cpu, partial.Cpu, t, e, heads, groups, n, chunk, direction);
        }

        SsdScan.BackwardParameters(cpu, 0, partial.Cpu, dA.Cpu, dD.Cpu, b, heads);
        SsdScan.Forward(memory.Device(b * groups), 0, xbc.Gpu, dt.Gpu, aLog.Gpu, d.Gpu, y.Gpu, t, e, heads, groups, n, chunk, direction, 1);
        SsdScan.Backward(device, 0, xbc.Gpu, dt.Gpu, aLog.Gpu, d.Gpu, dy.Gpu, dxbc.Gpu, ddt.Gpu, partial.Gpu, t, e, heads, groups, n, chunk, direction);
        SsdScan.BackwardParameters(memory.Device(1), 0, partial.Gpu, dA.Gpu, dD.Gpu, b, heads);
        Assert.InRange(memory.StoredError(y), 0, 5e-6);
        Assert.InRange(memory.StoredError(dxbc), 0, 1e-5);
        Assert.InRange(memory.Error(ddt), 0, 1e-5);
        Assert.InRange(memory.Error(partial), 0, 2e-5);
        Assert.InRange(memory.Error(dA), 0, 2e-5);
        Assert.InRange(memory.Error(dD), 0, 1e-5);
    }

    /// <summary>A batch that does not fit the scratch goes through it slice by slice, the last one smaller, and no bit changes.</summary>
    [Fact]
    public void Slices_of_the_batch_change_nothing()
    {
        const int b = 3, t = 270, heads = 2, p = 16, n = 16, e = heads * p, width = e + 2 * n;
        GpuMemory memory = new("pocl");
        SsdShape shape = new(t, e, heads, 1, n, 64, 1);
        var xbc = memory.Input((long)b * t * width);
        var dt = memory.Input((long)b * t * heads, 0.1, 0.01);
        var aLog = memory.Input(heads);
        var d = memory.Input(heads);
        var dy = memory.Input((long)b * t * e);
        float[][]? whole = null;
        foreach (long room in (long[])[1L << 24, 200_000, 1])
        {
            var y = memory.Output((long)b * t * e);
            var dxbc = memory.Output((long)b * t * width);
            var ddt = memory.Output((long)b * t * heads);
            var partial = memory.Output(b * 2L * heads);
            SsdScan.Forward(memory.Queue, b, shape, xbc.Gpu, dt.Gpu, aLog.Gpu, d.Gpu, y.Gpu, room);
            SsdScan.Backward(memory.Queue, b, shape, xbc.Gpu, dt.Gpu, aLog.Gpu, d.Gpu, dy.Gpu, dxbc.Gpu, ddt.Gpu, partial.Gpu, room);
            float[][] now = [memory.Values(y), memory.Values(dxbc), memory.Values(ddt), memory.Values(partial)];
            Assert.All(now, values => Assert.DoesNotContain(values, float.IsNaN));
            Assert.Equal(whole ?? now, now);
            whole = now;
        }
    }
}
