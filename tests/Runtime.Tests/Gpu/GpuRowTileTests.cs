using Graph.Execution;
using Graph.Operators;
using Graph.Tests.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Rotary positions, the short convolution and slices of rows on a device against their CPU halves, the latter two also with operands as bfloat16. Tolerances are relative in the norm: both halves
/// are float32 and differ in contraction, in the order of sums and in exp.
/// </summary>
[Collection(GpuMemory.Collection)]
public sealed class GpuRowTileTests
{
    [Theory]
    [InlineData("simulation", 2, 3, 12, 2)]
    [InlineData("ptx", 2, 3, 12, 2)]
    [InlineData("pocl", 3, 97, 64, 4)]
    [InlineData("pocl", 1, 13, 512, 8)]
    public void Rope_equals_the_cpu(string kind, int b, int t, int c, int heads)
    {
        int rows = b * t, xStride = 3 * c + 4, yStride = 3 * c;
        GpuMemory memory = new(kind);
        var x = memory.Input((long)rows * xStride);
        var y = memory.Output((long)rows * yStride);
        var dx = memory.Output((long)rows * yStride);
        Worker cpu = Golden.Worker(16, 0);
        Rope.Forward(cpu, 0, rows, x.Cpu, xStride, y.Cpu, yStride, t, c, heads);
        Rope.Backward(cpu, 0, rows, dx.Cpu, yStride, y.Cpu, yStride, t, c, heads);
        Rope.Forward(memory.Device(rows), 0, rows, x.Gpu, xStride, y.Gpu, yStride, t, c, heads);
        Rope.Backward(memory.Device(rows), 0, rows, dx.Gpu, yStride, y.Gpu, yStride, t, c, heads);
        Assert.InRange(memory.Error(y), 0, 1e-6);
        Assert.InRange(memory.Error(dx), 0, 1e-6);
    }

    [Theory]
    [InlineData("simulation", 2, 5, 12, 4, 1, "")]
    [InlineData("simulation", 1, 3, 8, 2, -1, "")]
    [InlineData("ptx", 2, 5, 12, 4, 1, "")]
    [InlineData("ptx", 1, 3, 8, 2, -1, "")]
    [InlineData("pocl", 3, 97, 80, 4, 1, "")]
    [InlineData("pocl", 3, 97, 80, 4, -1, "")]
    [InlineData("pocl", 2, 3, 300, 5, 1, "")]
    [InlineData("simulation", 1, 3, 8, 2, -1, "x y dy dx")]
    [InlineData("ptx", 1, 3, 8, 2, -1, "x y dy dx")]
    [InlineData("ptx", 2, 5, 12, 4, 1, "x dx")]
    [InlineData("ptx", 2, 5, 12, 4, 1, "y dy")]
    [InlineData("pocl", 3, 97, 80, 4, 1, "x y dy dx")]
    [InlineData("pocl", 3, 97, 80, 4, -1, "x")]
    [InlineData("pocl", 2, 3, 300, 5, 1, "dx y")]
    public void Convolution_equals_the_cpu(string kind, int b, int t, int c, int w, int direction, string bfloat16)
    {
        int rows = b * t, xStride = c + 3, yStride = c + 1;
        GpuMemory memory = new(kind);
        var x = memory.Stored(memory.Input((long)rows * xStride), "x", bfloat16);
        var weight = memory.Input((long)c * w);
        var bias = memory.Input(c);
        var dy = memory.Stored(memory.Input((long)rows * c), "dy", bfloat16);
        var y = memory.Stored(memory.Zeros((long)rows * yStride), "y", bfloat16);
        var dx = memory.Stored(memory.Zeros((long)rows * xStride), "dx", bfloat16);
        var dconv = memory.Output((long)rows * c);
        var dweight = memory.Input((long)c * w);
        var dbias = memory.Input(c);
        Worker cpu = Golden.Worker(16, CausalConvSiLU.WorkerScratch(c, w)), device = memory.Device(b);
        CausalConvSiLU.Forward(cpu, 0, rows, x.Cpu, xStride, weight.Cpu, bias.Cpu, y.Cpu, yStride, t, c, w, direction);
        for (int unit = 0; unit < b; unit++)
        {
            CausalConvSiLU.BackwardInput(cpu, unit, x.Cpu, xStride, weight.Cpu, bias.Cpu, dy.Cpu, dx.Cpu, xStride, dconv.Cpu, t, c, w, direction);
        }

        for (int unit = 0; unit < (c + 63) / 64; unit++)
        {
            CausalConvSiLU.BackwardParameters(cpu, unit, x.Cpu, xStride, dconv.Cpu, dweight.Cpu, dbias.Cpu, b, t, c, w, direction);
        }

        CausalConvSiLU.Forward(memory.Device(rows), 0, rows, x.Gpu, xStride, weight.Gpu, bias.Gpu, y.Gpu, yStride, t, c, w, direction);
        CausalConvSiLU.BackwardInput(device, 0, x.Gpu, xStride, weight.Gpu, bias.Gpu, dy.Gpu, dx.Gpu, xStride, dconv.Gpu, t, c, w, direction);
        CausalConvSiLU.BackwardParameters(memory.Device((c + 63) / 64), 0, x.Gpu, xStride, dconv.Gpu, dweight.Gpu, dbias.Gpu, b, t, c, w, direction);
        Assert.InRange(memory.StoredError(y), 0, 1e-6);
        Assert.InRange(memory.Error(dconv), 0, 1e-6);
        Assert.InRange(memory.StoredError(dx), 0, 1e-6);
        Assert.InRange(memory.Error(dweight), 0, 5e-6);
        Assert.InRange(memory.Error(dbias), 0, 5e-6);
    }

    /// <summary>A copy is exact, and rounds where it goes from float32 to bfloat16.</summary>
    [Theory]
    [InlineData("simulation", 3, 6, 5, 1, 2, "y")]
    [InlineData("ptx", 3, 6, 5, 1, 2, "y")]
    [InlineData("ptx", 3, 6, 5, 1, 2, "x dx y")]
    [InlineData("pocl", 9, 97, 130, 16, 81, "y")]
    [InlineData("pocl", 9, 97, 131, 0, 1, "x dx")]
    [InlineData("pocl", 9, 97, 131, 96, 1, "x dx y")]
    public void Slices_equal_the_cpu(string kind, int b, int t, int c, int first, int n, string bfloat16)
    {
        GpuMemory memory = new(kind);
        var x = memory.Stored(memory.Input((long)b * t * c), "x", bfloat16);
        var y = memory.Stored(memory.Output((long)b * n * c), "y", bfloat16);
        var dx = memory.Stored(memory.Output((long)b * t * c), "dx", bfloat16);
        for (int unit = 0; unit < b; unit++)
        {
            SliceRows.Forward(default, unit, x.Cpu, y.Cpu, t, c, first, n);
        }

        SliceRows.Forward(memory.Device(b), 0, x.Gpu, y.Gpu, t, c, first, n);
        Assert.Equal(0, memory.StoredError(y));
        if (Bfloat16Place.Is(GpuQueue.At(y.Gpu)))
        {
            // What backward reads is what was stored.
            foreach (ref float value in y.Cpu.Span(y.Count))
            {
                value = (float)StoredValues.Round(value);
            }
        }

        for (int unit = 0; unit < b; unit++)
        {
            SliceRows.Backward(default, unit, dx.Cpu, y.Cpu, t, c, first, n);
        }

        SliceRows.Backward(memory.Device(b), 0, dx.Gpu, y.Gpu, t, c, first, n);
        Assert.Equal(0, memory.StoredError(dx));
    }
}
