using Graph.Execution;
using Graph.Tests.Gpu;
using Xunit;
using Dims = Graph.Models.Tests.MiniModels.Dims;

namespace Graph.Models.Tests;

/// <summary>Emitted gates by themselves, forward and backward: in a step the product before them does their work, unless places or forms forbid.</summary>
public sealed class GateKernelTests
{
    private const int Rows = 3;
    private const int Columns = 5;

    private static readonly Dictionary<string, (Forward Forward, Backward Backward)> RowGates = new()
    {
        ["trm"] = (TrmAttention.A<Dims>.Run, TrmAttention.ABackward<Dims>.Run),
        ["hrm"] = (Hrm.A<Dims>.Run, Hrm.ABackward<Dims>.Run),
        ["trm-mlp"] = (TrmMlpT.SwiGluBlockA<Dims>.Run, TrmMlpT.ABackward<Dims>.Run),
        ["mamba2"] = (Mamba2Attention.A<Dims>.Run, Mamba2Attention.ABackward<Dims>.Run),
        ["mamba2-mlp"] = (Mamba2MlpT.SwiGluBlockA<Dims>.Run, Mamba2MlpT.ABackward<Dims>.Run),
    };

    private static readonly Dictionary<string, ColumnBackward> ColumnGates = new()
    {
        ["trm-mlp"] = TrmMlpT.SwiGluBlockABackward<Dims>.Run,
        ["mamba2-mlp"] = Mamba2MlpT.SwiGluBlockABackward<Dims>.Run,
    };

    private delegate void Forward(in Worker worker, long row, int rows, Ref gate, Ref up, Ref a);

    private delegate void Backward(in Worker worker, long row, int rows, Ref gate, Ref up, Ref a, Ref da, Ref dgate, Ref dup);

    private delegate void ColumnBackward(
        in Worker worker, long samples, int columns, Ref gate, int gateStride, int gateSample, Ref up, int upStride, int upSample, Ref a, int stride, int sample, Ref da, int daStride, int daSample, Ref dgate, int dgateStride, int dgateSample, Ref dup, int dupStride, int dupSample);

    public static TheoryData<string, string> Runs => [.. RowGates.Keys.SelectMany(family => new[] { (family, "simulation"), (family, "ptx") })];

    public static TheoryData<string, string> ColumnRuns => [.. ColumnGates.Keys.SelectMany(family => new[] { (family, "simulation"), (family, "ptx") })];

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_gate_by_itself_is_right(string family, string kind) => Check(kind, Rows, Dims.f, run: (worker, at) =>
    {
        var (forward, backward) = RowGates[family];
        forward(worker, 0, Rows, at.X, at.X + Dims.f, at.Y);
        backward(worker, 0, Rows, at.X, at.X + Dims.f, at.Y, at.DY, at.DX, at.DX + Dims.f);
    });

    /// <summary>Along the token axis halves are rows.</summary>
    [Theory]
    [MemberData(nameof(ColumnRuns))]
    public void A_gate_by_itself_along_the_token_axis_is_right(string family, string kind) => Check(kind, 1, Dims.ft * Columns, run: (worker, at) =>
    {
        const int Sample = 2 * Columns;
        var half = Dims.ft * Columns;
        ColumnGates[family](
            worker, 1, Columns, at.X, Columns, Sample, at.X + half, Columns, Sample, at.Y, Columns, Columns, at.DY, Columns, Columns, at.DX, Columns, Sample, at.DX + half, Columns, Sample);
    });

    /// <param name="kind">Of queue.</param>
    /// <param name="rows">Of X [rows, 2 · width], Y and dY [rows, width].</param>
    /// <param name="width">Of a half.</param>
    /// <param name="run">Fills Y and dX.</param>
    private static void Check(string kind, int rows, int width, Action<Worker, (Ref X, Ref Y, Ref DY, Ref DX)> run)
    {
        var count = rows * width;
        var random = new Random(1);
        var values = Enumerable.Range(0, 6 * count).Select(_ => random.NextSingle() - 0.5f).ToArray();
        using var open = GpuTest.Open(kind, values.Length);
        open.Queue.Upload(values, 0);
        run(open.Worker(rows), (GpuQueue.Place(0), GpuQueue.Place(2 * count), GpuQueue.Place(3 * count), GpuQueue.Place(4 * count)));
        var results = new float[values.Length];
        open.Queue.Download(0, results);
        for (var i = 0; i < count; i++)
        {
            var at = (i / width * 2 * width) + (i % width);
            double a = values[at], b = values[at + width], dy = values[(3 * count) + i];
            var share = 1 / (1 + Math.Exp(-a));
            Assert.Equal(a * share * b, results[(2 * count) + i], 1e-7); // an ulp or two of values below a quarter
            Assert.Equal(dy * b * share * (1 + (a * (1 - share))), results[(4 * count) + at], 1e-7);
            Assert.Equal(dy * a * share, results[(4 * count) + at + width], 1e-7);
        }
    }
}
