using System.Reflection;
using Graph.Lanes;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Operators;

/// <summary>
/// Every operator of the runtime is proven: pointwise and row operators by the rows below (lanes against float64, the
/// hand-derived backward against dual numbers and central differences), the others by the tests that <see cref="Elsewhere"/> names.
/// </summary>
public sealed class OperatorConformance
{
    /// <summary>Exp is within 2 ulp on every lane (LaneTests) and a quotient adds some: this many relative for chains of a few operations.</summary>
    private const double Chain = 1e-6;

    /// <param name="Operator">An instance.</param>
    /// <param name="Relative">Float32 error allowed, relative to each value.</param>
    /// <param name="Absolute">Float32 error allowed besides, in units of the largest input gradient: only where terms cancel.</param>
    private sealed record Row(object Operator, double Relative, double Absolute);

    private static readonly Row[] Rows =
    [
        new(new Add(), 6e-8, 0), // one rounding: half an ulp
        new(new FeatureBias(), 6e-8, 0), // as Add
        new(new TimeStepBias(), 6e-8, 0), // as Add
        new(new HaltBias(), 6e-8, 0), // as Add
        new(new Mul(), 6e-8, 0), // one rounding
        new(new FeatureScale(), 6e-8, 0), // as Mul
        new(new Scale(1.7), 1.2e-7, 0), // the factor is rounded as well
        new(new SiLU(), Chain, 1e-7), // 1 + x (1 - σ) cancels at x = -1.28
        new(new Sigmoid(), Chain, 3e-6), // 1 - y from a rounded y loses what y near 1 has lost: ulp(1) / 2 and the error of exp
        new(new Softplus(), 2e-6, 0), // exp, log, product and quotient
        new(new SwiGate(), 2e-6, 2e-6), // as SiLU, times b up to 19
        new(new RmsNorm(1e-5f), 4e-6, 4e-6), // a sum of 24 squares; dy - y c cancels
    ];

    private static readonly Dictionary<Type, (Type Class, string Method)[]> Elsewhere = new()
    {
        [typeof(Linear)] = [(typeof(MatMulTests), nameof(MatMulTests.RowsMatchesDouble)), (typeof(MatMulTests), nameof(MatMulTests.WeightGradientMatchesDouble)), (typeof(MatMulTests), nameof(MatMulTests.ColumnsMatchesDouble)), (typeof(MatMulTests), nameof(MatMulTests.TokenWeightGradientMatchesDouble)), (typeof(MatMulTests), nameof(MatMulTests.BitsDependNeitherOnThePartitionNorOnTheLane))],
        [typeof(UniformLinear)] = [(typeof(MatMulTests), nameof(MatMulTests.RowsMatchesDouble)), (typeof(MatMulTests), nameof(MatMulTests.WeightGradientMatchesDouble))],
        [typeof(ZeroLinear)] = [(typeof(MatMulTests), nameof(MatMulTests.RowsMatchesDouble)), (typeof(MatMulTests), nameof(MatMulTests.WeightGradientMatchesDouble))],
        [typeof(Rope)] = [(typeof(TileGoldenTests), nameof(TileGoldenTests.AttentionMatches))],
        [typeof(Attention)] = [(typeof(TileGoldenTests), nameof(TileGoldenTests.AttentionMatches)), (typeof(TileOrderTests), nameof(TileOrderTests.AttentionUnits))],
        [typeof(SsdScan)] = [(typeof(TileGoldenTests), nameof(TileGoldenTests.ScanMatches)), (typeof(ScanRecurrenceTests), nameof(ScanRecurrenceTests.AgreesWithTheRecurrence)), (typeof(TileOrderTests), nameof(TileOrderTests.ScanUnits))],
        [typeof(CausalConvSiLU)] = [(typeof(TileDifferenceTests), nameof(TileDifferenceTests.CausalConvolution)), (typeof(TileOrderTests), nameof(TileOrderTests.ConvolutionUnits))],
        [typeof(Embed)] = [(typeof(TileDifferenceTests), nameof(TileDifferenceTests.EmbeddingThenPositions)), (typeof(TileOrderTests), nameof(TileOrderTests.EmbeddingUnits))],
        [typeof(LearnedPositions)] = [(typeof(TileDifferenceTests), nameof(TileDifferenceTests.EmbeddingThenPositions)), (typeof(TileOrderTests), nameof(TileOrderTests.EmbeddingUnits))],
        [typeof(SliceRows)] = [(typeof(TileDifferenceTests), nameof(TileDifferenceTests.LossesAndSlices)), (typeof(TileOrderTests), nameof(TileOrderTests.LossAndSliceUnits))],
        [typeof(SoftmaxCrossEntropy)] = [(typeof(TileDifferenceTests), nameof(TileDifferenceTests.LossesAndSlices)), (typeof(TileOrderTests), nameof(TileOrderTests.LossAndSliceUnits))],
        [typeof(BinaryCrossEntropy)] = [(typeof(TileDifferenceTests), nameof(TileDifferenceTests.LossesAndSlices)), (typeof(TileOrderTests), nameof(TileOrderTests.LossAndSliceUnits))],
        [typeof(StablemaxCrossEntropy)] = [(typeof(TileGoldenTests), nameof(TileGoldenTests.StablemaxMatches)), (typeof(TileOrderTests), nameof(TileOrderTests.LossAndSliceUnits))],
    };

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Operator.GetType().Name)];

    [Fact]
    public void EveryOperatorHasARowOrItsOwnTests()
    {
        Type[] all = [.. typeof(Add).Assembly.GetTypes().Where(type => type.GetCustomAttribute<OperatorAttribute>() is not null)];
        Type[] proven = [.. Rows.Select(row => row.Operator.GetType()), .. Elsewhere.Keys];
        Assert.Equal(all.Select(type => type.Name).Order(), proven.Select(type => type.Name).Order());
        Assert.All(Rows, row => Assert.True(row.Operator is IPointwise1 or IPointwise2 or IRowOperator));
        foreach ((Type type, string method) in Elsewhere.Values.SelectMany(tests => tests))
        {
            Assert.NotNull(type.GetMethod(method)!.GetCustomAttribute<FactAttribute>());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryLaneAgreesWithFloat64(string name)
    {
        Row row = Find(name);
        Sample sample = new();
        double[][] exact = sample.Run<F64>(row.Operator, 1, (values, at) => new(values[at]), (value, into, at) => into[at] = value.Value);
        CheckLane<V512>();
        CheckLane<V256>();
        CheckLane<V128>();
        CheckLane<F32>();

        void CheckLane<T>()
            where T : struct, ISimdLane<T>
        {
            var buffer = Golden.Floats(16);
            double[][] lane = sample.Run<T>(
                row.Operator,
                T.Width,
                (values, at) =>
                {
                    for (int i = 0; i < T.Width; i++)
                    {
                        buffer[i] = (float)values[at + i];
                    }

                    return T.Load(buffer, 0);
                },
                (value, into, at) =>
                {
                    T.Store(value, buffer, 0);
                    for (int i = 0; i < T.Width; i++)
                    {
                        into[at + i] = buffer[i];
                    }
                });
            for (int which = 0; which < exact.Length; which++)
            {
                // Only gradients have cancelling terms; the forward gets no absolute part.
                double absolute = which == 0 ? 0 : row.Absolute * sample.Dy.Max(Math.Abs);
                for (int i = 0; i < exact[which].Length; i++)
                {
                    double error = Math.Abs(exact[which][i] - lane[which][i]);
                    Assert.True(error <= row.Relative * Math.Abs(exact[which][i]) + absolute, $"{name} on {typeof(T).Name}, result {which}, element {i}: {lane[which][i]:R} instead of {exact[which][i]:R}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BackwardIsTheDerivativeOfForward(string name)
    {
        object op = Find(name).Operator;
        Sample sample = new();
        for (int column = 0; column < Sample.Columns; column++)
        {
            double[] a = sample.Column(sample.A, column), b = sample.Column(sample.B, column), dy = sample.Column(sample.Dy, column);
            (F64[] da, F64[] db) = Archetype.Backward(op, Reals(a), Reals(b), Reals(dy), "");
            for (int i = 0; i < a.Length; i++)
            {
                CheckGradient(i, da[i].Value, a, true);
                if (op is IPointwise2)
                {
                    CheckGradient(i, db[i].Value, b, false);
                }
            }

            void CheckGradient(int i, double actual, double[] variable, bool first)
            {
                Dual[] seeded = [.. variable.Select((v, j) => new Dual(v, i == j ? 1 : 0))];
                Dual[] constant = [.. (first ? b : a).Select(v => new Dual(v, 0))];
                Dual[] y = first ? Archetype.Forward(op, seeded, constant) : Archetype.Forward(op, constant, seeded);
                Near(y.Select((v, j) => v.Derivative * dy[j]).Sum(), 1e-10, 1e-13);

                // Second-order differences with step 1e-5 are good to about 1e-9 of values up to 400.
                const double Step = 1e-5;
                Near((Loss(Step) - Loss(-Step)) / (2 * Step), 1e-6, 1e-7);

                void Near(double expected, double relative, double absolute) =>
                    Assert.True(Math.Abs(expected - actual) <= relative * Math.Abs(expected) + absolute, $"{name} at {variable[i]:R}: {actual:R} instead of {expected:R}");

                double Loss(double step)
                {
                    F64[] moved = [.. variable.Select((v, j) => new F64(i == j ? v + step : v))];
                    F64[] value = first ? Archetype.Forward(op, moved, Reals(b)) : Archetype.Forward(op, Reals(a), moved);
                    return value.Select((v, j) => v.Value * dy[j]).Sum();
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BackwardReadsNothingElse(string name)
    {
        object op = Find(name).Operator;
        string[] values = op is IPointwise2 ? ["a", "b", "y"] : ["x", "y"];
        IReadOnlyList<string> reads = op.GetType().GetCustomAttribute<BackwardReadsAttribute>()?.Values ?? values[..^1];
        Assert.Empty(reads.Except(values));
        Sample sample = new();
        F64[] a = Reals(sample.Column(sample.A, 0)), b = Reals(sample.Column(sample.B, 0)), dy = Reals(sample.Column(sample.Dy, 0));
        (F64[] da, F64[] db) = Archetype.Backward(op, a, b, dy, "");
        (F64[] hiddenA, F64[] hiddenB) = Archetype.Backward(op, a, b, dy, string.Concat(values.Except(reads)));
        Assert.Equal(da.Select(v => v.Value), hiddenA.Select(v => v.Value));
        Assert.Equal(db.Select(v => v.Value), hiddenB.Select(v => v.Value));
        Assert.DoesNotContain(da, v => double.IsNaN(v.Value));
    }

    private static Row Find(string name) => Rows.Single(row => row.Operator.GetType().Name == name);

    private static F64[] Reals(double[] values) => [.. values.Select(v => new F64(v))];
}
