using Graph.Execution;
using Graph.Tests.Gpu;
using Xunit;
using Dims = Graph.Models.Tests.MiniModels.Dims;

namespace Graph.Models.Tests;

/// <summary>Emitted gates by themselves: in a step the product before them does their work, unless places or forms forbid.</summary>
public sealed class GateKernelTests
{
    private static readonly Dictionary<string, Gate> Gates = new()
    {
        ["trm"] = TrmAttention.A<Dims>.Run,
        ["hrm"] = Hrm.A<Dims>.Run,
        ["trm-mlp"] = TrmMlpT.SwiGluBlockA<Dims>.Run,
        ["mamba2"] = Mamba2Attention.A<Dims>.Run,
        ["mamba2-mlp"] = Mamba2MlpT.SwiGluBlockA<Dims>.Run,
    };

    public static TheoryData<string, string> Runs => [.. ShippedModels.Names.SelectMany(family => new[] { (family, "simulation"), (family, "ptx") })];

    private delegate void Gate(in Worker worker, long row, int rows, Ref gate, Ref up, Ref a);

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_gate_by_itself_is_right(string family, string kind)
    {
        const int Rows = 3;
        var width = Dims.f;
        var halves = new float[Rows * 2 * width];
        var random = new Random(1);
        foreach (ref var value in halves.AsSpan())
        {
            value = random.NextSingle() - 0.5f;
        }

        using var open = GpuTest.Open(kind, halves.Length + (Rows * width));
        open.Queue.Upload(halves, 0);
        Gates[family](open.Worker(Rows), 0, Rows, GpuQueue.Place(0), GpuQueue.Place(width), GpuQueue.Place(halves.Length));
        var result = new float[Rows * width];
        open.Queue.Download(halves.Length, result);
        for (var i = 0; i < result.Length; i++)
        {
            var at = (i / width * 2 * width) + (i % width);
            var expected = halves[at] / (1 + Math.Exp(-halves[at])) * halves[at + width];
            Assert.Equal(expected, result[i], 1e-7); // an ulp or two of values below a quarter
        }
    }
}
