using Graph.Execution;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>
/// <see cref="Hrm"/> has no recording; what it computes is proven against what has one. With one turn of each loop and equal networks it is a TRM
/// of the same depth; with more turns it is itself with one turn, started from the states that the earlier turns reach.
/// </summary>
public sealed class HrmTests
{
    private const int Batch = 2;
    private const double Tolerance = 1e-5;

    /// <summary>Results of both are the same bits: the launches are. TRM adds up the gradients of both uses of its one network.</summary>
    [Fact]
    public void With_equal_networks_and_one_turn_it_is_a_trm_of_four_layers()
    {
        using RecursiveModel hrm = Create<One>(), trm = new TrmFourLayers.Program<One>("Mini", Batch, Device.Cpu(1));
        foreach (var parameter in trm.Parameters)
        {
            Of(hrm, hrm.Weights, parameter.Name).CopyTo(Of(trm, trm.Weights, parameter.Name));
            if (IsOf(parameter, "L_level"))
            {
                Of(hrm, hrm.Weights, parameter.Name).CopyTo(Of(hrm, hrm.Weights, Twin(parameter.Name)));
            }
        }

        Fill(hrm, hrm, trm);
        foreach (var model in new[] { hrm, trm })
        {
            model.WeightsChanged();
            model.Step(gradient: true);
        }

        AssertSameResults(hrm, trm);
        Assert.True(Near(trm.GradientOf(trm.Ports["puzzle"]), hrm.GradientOf(hrm.Ports["puzzle"])));
        Assert.Equal(trm.Parameters.Count + 16, hrm.Parameters.Count);
        foreach (var parameter in trm.Parameters)
        {
            var expected = Of(trm, trm.Gradients, parameter.Name).ToArray();
            var actual = Of(hrm, hrm.Gradients, parameter.Name).ToArray();
            if (IsOf(parameter, "L_level"))
            {
                var other = Of(hrm, hrm.Gradients, Twin(parameter.Name));
                Assert.False(Near(actual, other), $"{parameter.Name} has the same gradient in both networks: they are not told apart");
                for (var i = 0; i < actual.Length; i++)
                {
                    actual[i] += other[i];
                }
            }

            Assert.True(Near(expected, actual), parameter.Name);
        }
    }

    /// <summary>The turns before the last of each network send no gradient: to the last ones their states are constants. All bits agree.</summary>
    [Fact]
    public void Its_gradient_is_that_of_the_last_turns_alone()
    {
        using RecursiveModel whole = Create<Two>(), last = Create<One>();
        Fill(whole, whole, last);
        Freeze(whole, last);
        whole.Step(gradient: true);
        last.Step(gradient: true);
        AssertSameResults(whole, last);
        Assert.Equal(last.Gradients, whole.Gradients);
        Assert.Equal(last.GradientOf(last.Ports["puzzle"]), whole.GradientOf(whole.Ports["puzzle"]));
        Assert.All(whole.Parameters, parameter => Assert.True(GradientNorm.Of(Of(whole, whole.Gradients, parameter.Name)) > 0, parameter.Name));
    }

    /// <summary>With the earlier turns' states held fixed, the loss rises along each tensor's gradient by the gradient's length.</summary>
    [Fact]
    public void Its_gradient_is_the_slope_of_the_loss_with_earlier_turns_frozen()
    {
        const double Step = 3e-3;
        using RecursiveModel whole = Create<Two>(), last = Create<One>();
        Fill(whole, whole, last);
        Freeze(whole, last);
        float[] frozenH = State(last, "zH").ToArray(), frozenL = State(last, "zL").ToArray();
        whole.Step(gradient: true);
        Check("puzzle", whole.GradientOf(whole.Ports["puzzle"]).ToArray(), () => last.Floats(last.Ports["puzzle"]));
        foreach (var parameter in whole.Parameters)
        {
            Check(parameter.Name, Of(whole, whole.Gradients, parameter.Name).ToArray(), () => Of(last, last.Weights, parameter.Name));
        }

        void Check(string name, float[] gradient, Func<Span<float>> tensor)
        {
            var length = GradientNorm.Of(gradient);
            var start = tensor().ToArray();
            var rise = (Loss(Step) - Loss(-Step)) / (2 * Step);
            start.CopyTo(tensor());
            Assert.True(Math.Abs(rise - length) <= 0.01 * length, $"{name}: the loss rises by {rise}, the gradient says {length}");

            double Loss(double along)
            {
                var values = tensor();
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)(start[i] + (along * gradient[i] / length));
                }

                last.WeightsChanged();
                frozenH.CopyTo(State(last, "zH"));
                frozenL.CopyTo(State(last, "zL"));
                last.Step(gradient: false);
                return Sum("loss") + (0.5 * (Sum("haltLoss") + Sum("continueLoss")));
            }

            double Sum(string port) => last.Floats(last.Ports[port]).ToArray().Sum(value => (double)value);
        }
    }

    /// <summary>A training step is three passes (two for the target of the continue head) and the backward of one turn of each network.</summary>
    [Fact]
    public void Its_work_is_counted()
    {
        using CompiledProgram two = Create<Two>(), one = Create<One>();
        Assert.Equal((3 * StepWork.Inference(two.Table)) + (2 * StepWork.Inference(one.Table)), StepWork.Training(two.Table));
        Assert.InRange(StepWork.Inference(two.Table), 2 * StepWork.Inference(one.Table), 4 * StepWork.Inference(one.Table));
    }

    /// <summary>With a threshold of 0 a sample ends where training ends it: its halting logit exceeds the continue logit.</summary>
    [Fact]
    public void Evaluation_compares_the_halting_logit_with_the_continue_logit()
    {
        const int Samples = 12, Budget = 5;
        using var model = Create<Two>();
        var data = new TrainingData(model, Samples, 1);
        data.Draw(0);
        var bias = Of(model, model.Weights, "inner.q_head.bias");
        bias.Fill(40); // Both logits are far above 0.
        bias[1] += (float)Margins(model, data, Samples, 1).Select(margins => margins[0]).Order().ElementAt(Samples / 2);
        model.WeightsChanged();
        var expected = Margins(model, data, Samples, Budget).Select(margins => margins.FindIndex(margin => margin > 0) is >= 0 and var step ? step + 1 : Budget).ToArray();
        Assert.Contains(1, expected);
        Assert.Contains(expected, steps => steps > 1);
        var actual = new int[Samples];
        new Evaluator(model, new SparseTable(1, model.Ports["puzzle"].Shape[1]), Budget, haltThreshold: 0).Run(data.Tokens, data.Labels, data.Ids, stepsTaken: actual);
        Assert.Equal(expected, actual);
    }

    /// <summary>By sample, how far its halting logit is above its continue logit after each step.</summary>
    private static List<double>[] Margins(RecursiveModel model, TrainingData data, int samples, int steps)
    {
        var margins = new List<double>[samples];
        var cells = data.Tokens.Length / samples;
        model.Floats(model.Ports["puzzle"]).Clear();
        for (var sample = 0; sample < samples; sample++)
        {
            margins[sample] = [];
            data.Tokens.AsSpan(sample * cells, cells).CopyTo(model.Ints(model.Ports["tokens"]));
            foreach (var state in model.States)
            {
                model.ResetState(state, 0);
            }

            for (var step = 0; step < steps; step++)
            {
                model.Step(gradient: false);
                var halt = model.Floats(model.Ports["halt"]);
                margins[sample].Add(halt[0] - halt[1]);
            }
        }

        return margins;
    }

    private static Hrm.Program<TDims> Create<TDims>()
        where TDims : struct, Hrm.IDims
    {
        var model = new Hrm.Program<TDims>("Mini", Batch, Device.Cpu(1));
        Initializer.Fill(model, 9);
        var random = new CounterRandom(2, 0, 0, 0);
        foreach (ref var value in Of(model, model.Weights, "inner.q_head.weight")) // It starts at zero and would hide what comes through it.
        {
            value = (float)random.NextNormal() / 2;
        }

        model.WeightsChanged();
        return model;
    }

    /// <summary>The same sample, and states unlike each other, into both.</summary>
    private static void Fill(RecursiveModel like, params RecursiveModel[] models)
    {
        var data = new TrainingData(like, Batch, 1);
        data.Draw(3);
        foreach (var model in models)
        {
            data.Tokens.CopyTo(model.Ints(model.Ports["tokens"]));
            data.Labels.CopyTo(model.Ints(model.Ports["labels"]));
            Wave(model.Floats(model.Ports["puzzle"]), 1);
            Wave(State(model, "zH"), 2);
            Wave(State(model, "zL"), 3);
            model.Floats(model.Ports["continueTarget"]).Fill(0.3f);
        }
    }

    /// <summary>
    /// Brings <paramref name="last"/> to the states from which the last turn of L starts in <paramref name="whole"/>: of the turns L L H L, by a program of
    /// one H turn (L L H), and one of one turn each (L H), whose H is not taken.
    /// </summary>
    private static void Freeze(RecursiveModel whole, RecursiveModel last)
    {
        using RecursiveModel first = Create<OneOfTwo>();
        Fill(whole, first);
        first.Step(gradient: false);
        var zH = State(first, "zH").ToArray();
        zH.CopyTo(State(last, "zH"));
        State(first, "zL").CopyTo(State(last, "zL"));
        last.Step(gradient: false);
        zH.CopyTo(State(last, "zH"));
    }

    private static void AssertSameResults(RecursiveModel expected, RecursiveModel actual)
    {
        foreach (var port in new[] { "logits", "halt", "loss", "haltLoss", "continueLoss" })
        {
            Assert.Equal(expected.Floats(expected.Ports[port]), actual.Floats(actual.Ports[port]));
        }

        Assert.Equal(State(expected, "zH"), State(actual, "zH"));
        Assert.Equal(State(expected, "zL"), State(actual, "zL"));
    }

    private static void Wave(Span<float> values, int phase)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = MathF.Sin((i * 1.7f) + phase);
        }
    }

    private static bool IsOf(Parameter parameter, string network) => parameter.Name.Contains(network, StringComparison.Ordinal);

    private static string Twin(string name) => name.Replace("L_level", "H_level", StringComparison.Ordinal);

    private static bool Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) => GoldenRun.RelativeError(actual, expected) <= Tolerance;

    private static Span<float> State(RecursiveModel model, string name) => model.Floats(model.States.Single(s => s.Port.Name == name).Port);

    private static Span<float> Of(RecursiveModel model, Span<float> arena, string parameter)
    {
        var found = model.Parameters.Single(p => p.Name == parameter);
        return arena.Slice((int)found.Offset, (int)found.Count);
    }

    /// <summary>One turn of each loop.</summary>
    private readonly struct One : Hrm.IDims, TrmFourLayers.IDims
    {
        public static int d => 16;

        public static int f => 24;

        public static int t => 10;

        public static int p => 1;

        public static int q => 16;

        public static int v => 5;

        public static int H => 1;

        public static int L => 1;

        public static int h => 2;
    }

    /// <summary>One turn of H, two of L in it.</summary>
    private readonly struct OneOfTwo : Hrm.IDims
    {
        public static int d => One.d;

        public static int f => One.f;

        public static int t => One.t;

        public static int p => One.p;

        public static int q => One.q;

        public static int v => One.v;

        public static int H => 1;

        public static int L => 2;

        public static int h => One.h;
    }

    /// <summary>Two turns of each, as in HRM.</summary>
    private readonly struct Two : Hrm.IDims
    {
        public static int d => One.d;

        public static int f => One.f;

        public static int t => One.t;

        public static int p => One.p;

        public static int q => One.q;

        public static int v => One.v;

        public static int H => 2;

        public static int L => 2;

        public static int h => One.h;
    }
}
