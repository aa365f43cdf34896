using Graph.Execution;
using Graph.Operators;
using Graph.Tests.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Attention on a device against its CPU half, with operands in float32 and as bfloat16. Relative errors in the norm; the online softmax rescales, the
/// CPU's does not.
/// </summary>
[Collection(GpuMemory.Collection)]
public sealed class GpuAttentionTests
{
    [Theory]
    [InlineData("simulation", 1, 5, 12, 1, 1, "")]
    [InlineData("ptx", 1, 5, 12, 1, 1, "")]
    [InlineData("pocl", 2, 37, 64, 4, 2, "")]
    [InlineData("pocl", 2, 97, 128, 2, 1, "")]
    [InlineData("pocl", 1, 64, 32, 1, 8, "")]
    [InlineData("pocl", 1, 130, 96, 1, 1, "")]
    [InlineData("pocl", 1, 916, 64, 2, 1, "")]
    [InlineData("pocl", 3, 1, 32, 2, 1, "")]
    [InlineData("simulation", 1, 5, 13, 1, 1, "x y dy dx")]
    [InlineData("ptx", 1, 5, 13, 1, 1, "x y dy dx")]
    [InlineData("pocl", 2, 37, 64, 4, 2, "x y dy dx")]
    [InlineData("pocl", 1, 130, 96, 1, 1, "x y dy dx")]
    [InlineData("pocl", 1, 64, 48, 3, 8, "x y dy dx")]
    [InlineData("simulation", 1, 5, 12, 1, 1, "x dy")]
    [InlineData("ptx", 1, 5, 12, 1, 1, "x dy")]
    [InlineData("simulation", 1, 5, 12, 1, 1, "y dx")]
    [InlineData("ptx", 1, 5, 12, 1, 1, "y dx")]
    [InlineData("pocl", 2, 37, 64, 4, 2, "x")]
    [InlineData("pocl", 2, 37, 64, 4, 2, "y")]
    [InlineData("pocl", 2, 37, 64, 4, 2, "dy")]
    [InlineData("pocl", 2, 37, 64, 4, 2, "dx")]
    public void Attention_equals_the_cpu(string kind, int b, int t, int c, int heads, double reach, string bfloat16)
    {
        GpuMemory memory = new(kind);
        var x = memory.Stored(memory.Input(b * t * 3L * c, reach), "x", bfloat16);
        var dy = memory.Stored(memory.Input((long)b * t * c), "dy", bfloat16);
        var y = memory.Stored(memory.Output((long)b * t * c), "y", bfloat16);
        var lse = memory.Output((long)b * heads * t);
        var dx = memory.Stored(memory.Output(b * t * 3L * c), "dx", bfloat16);
        Worker cpu = Golden.Worker(16, Attention.WorkerScratch(t, c, heads)), device = memory.Device(b * heads);
        for (int unit = 0; unit < b * heads; unit++)
        {
            Attention.Forward(cpu, unit, x.Cpu, y.Cpu, lse.Cpu, t, c, heads);
        }

        Attention.Forward(device, 0, x.Gpu, y.Gpu, lse.Gpu, t, c, heads);
        Assert.InRange(memory.StoredError(y), 0, 5e-6);
        Assert.InRange(memory.Error(lse), 0, 1e-6);
        if (Bfloat16Place.Is(GpuQueue.At(y.Gpu)))
        {
            // What backward reads is what was stored.
            float[] stored = new float[y.Count];
            memory.Queue.Download(Bfloat16Place.Element(GpuQueue.At(y.Gpu)) / 2, stored);
            StoredValues.Unpack(stored).CopyTo(y.Cpu.Span(y.Count));
        }

        for (int unit = 0; unit < b * heads; unit++)
        {
            Attention.Backward(cpu, unit, x.Cpu, y.Cpu, lse.Cpu, dy.Cpu, dx.Cpu, t, c, heads);
        }

        Attention.Backward(device, 0, x.Gpu, y.Gpu, lse.Gpu, dy.Gpu, dx.Gpu, t, c, heads);
        Assert.InRange(memory.StoredError(dx), 0, 1e-5);
    }
}
