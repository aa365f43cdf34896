using Graph.Execution;

namespace Graph.Generator.Tests;

/// <summary>
/// Emitted programs, loaded and run: along its own gradient the loss must rise by the gradient's length, for the input and for every
/// parameter. This is the test of differentiation, saving, fusion and the plan together; operators have their own.
/// </summary>
public sealed class GradientTests
{
    private const float Step = 1e-2f;

    [Theory]
    [InlineData("pointwise", "[SiLU] public Node s; [Mul(nameof(s), from: nameof(x))] public Node y;")]
    [InlineData("row along features", "[RmsNorm(1e-5)] public Node y;")]
    [InlineData("row along tokens", "[RmsNorm(1e-5, axis: \"t\")] public Node y;")]
    [InlineData("contraction along tokens", "[Linear(outputs: \"t\", axis: \"t\")] public Node y;")]
    [InlineData("two parameters in one row", "[RmsNorm(1e-5)] public Node n; [FeatureScale] public Node s; [FeatureBias] public Node y;")]
    [InlineData("views", "[Linear(outputs: \"2*f\")] public Node all; [Columns(\"0\", \"f\")] public Node a; [Columns(\"f\", \"2*f\", nameof(all))] public Node c; [SwiGate(nameof(c), from: nameof(a))] public Node g; [Linear(outputs: \"d\")] public Node y;")]
    [InlineData("shared weights", "[Linear(outputs: \"d\", name: \"w\")] public Node a; [SiLU] public Node s; [Linear(outputs: \"d\", name: \"w\")] public Node y;")]
    [InlineData("attention block", "[Call<Graph.Models.TrmAttentionBlock>] public Node y;")]
    [InlineData("token block", "[Call<Graph.Models.TrmMlpTBlock>] public Node y;")]
    [InlineData("mixer", "[Call<Graph.Models.Mamba2Mixer>] public Node m; [Add(nameof(x))] public Node y;")]
    public void Loss_rises_along_its_gradient(string what, string nodes)
    {
        using var model = GeneratorRun.Of(TestModels.Of(nodes)).Load(batch: 3, threads: 2);
        var random = new Random(7);
        Fill(model.Weights, random, 0.3f);
        Fill(model.Floats(model.Ports["x"]), random, 1);
        foreach (ref var label in model.Ints(model.Ports["labels"]))
        {
            label = random.Next(7);
        }

        model.WeightsChanged();
        model.Step(gradient: true);
        var gradients = model.Gradients.ToArray();
        var input = model.GradientOf(model.Ports["x"]).ToArray();
        Check("x", input, () => model.Floats(model.Ports["x"]));
        foreach (var parameter in model.Parameters)
        {
            var (offset, count) = ((int)parameter.Offset, (int)parameter.Count);
            Check(parameter.Name, gradients.AsSpan(offset, count).ToArray(), () => model.Weights.Slice(offset, count));
        }

        void Check(string name, float[] gradient, Func<Span<float>> tensor)
        {
            var length = Math.Sqrt(gradient.Sum(g => (double)g * g));
            Assert.True(length > 1e-3, $"{what}, {name}: no gradient");
            var direction = gradient.Select(g => (float)(g / length)).ToArray();
            var start = tensor().ToArray();
            var rise = (Loss(Step) - Loss(-Step)) / (2 * Step);
            start.CopyTo(tensor());
            Assert.True(Math.Abs(rise - length) <= 0.01 * length, $"{what}, {name}: the loss rises by {rise}, the gradient says {length}");

            double Loss(float along)
            {
                var values = tensor();
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = start[i] + (along * direction[i]);
                }

                model.WeightsChanged();
                model.Step(gradient: false);
                var sum = 0.0;
                foreach (var loss in model.Floats(model.Ports["loss"]))
                {
                    sum += loss;
                }

                return sum;
            }
        }
    }

    private static void Fill(Span<float> values, Random random, float scale)
    {
        foreach (ref var value in values)
        {
            value = scale * (float)((2 * random.NextDouble()) - 1);
        }
    }
}
