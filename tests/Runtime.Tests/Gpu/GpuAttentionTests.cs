using Graph.Execution;
using Graph.Operators;
using Graph.Tests.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>Attention on a device against its CPU half. Relative errors in the norm; the online softmax rescales, the CPU's does not.</summary>
[Collection(GpuMemory.Collection)]
public sealed class GpuAttentionTests
{
    [Theory]
    [InlineData("simulation", 1, 5, 12, 1, 1)]
    [InlineData("ptx", 1, 5, 12, 1, 1)]
    [InlineData("pocl", 2, 37, 64, 4, 2)]
    [InlineData("pocl", 2, 97, 128, 2, 1)]
    [InlineData("pocl", 1, 64, 32, 1, 8)]
    [InlineData("pocl", 1, 130, 96, 1, 1)]
    [InlineData("pocl", 1, 916, 64, 2, 1)]
    [InlineData("pocl", 3, 1, 32, 2, 1)]
    public void Attention_equals_the_cpu(string kind, int b, int t, int c, int heads, double reach)
    {
        GpuMemory memory = new(kind);
        var x = memory.Input(b * t * 3L * c, reach);
        var dy = memory.Input((long)b * t * c);
        var y = memory.Output((long)b * t * c);
        var lse = memory.Output((long)b * heads * t);
        var dx = memory.Output(b * t * 3L * c);
        Worker cpu = Golden.Worker(16, Attention.WorkerScratch(t, c, heads)), device = memory.Device(b * heads);
        for (int unit = 0; unit < b * heads; unit++)
        {
            Attention.Forward(cpu, unit, x.Cpu, y.Cpu, lse.Cpu, t, c, heads);
            Attention.Backward(cpu, unit, x.Cpu, y.Cpu, lse.Cpu, dy.Cpu, dx.Cpu, t, c, heads);
        }

        Attention.Forward(device, 0, x.Gpu, y.Gpu, lse.Gpu, t, c, heads);
        Attention.Backward(device, 0, x.Gpu, y.Gpu, lse.Gpu, dy.Gpu, dx.Gpu, t, c, heads);
        Assert.InRange(memory.Error(y), 0, 5e-6);
        Assert.InRange(memory.Error(lse), 0, 1e-6);
        Assert.InRange(memory.Error(dx), 0, 1e-5);
    }
}
