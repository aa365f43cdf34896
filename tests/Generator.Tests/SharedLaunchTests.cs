using Graph.Execution;

namespace Graph.Generator.Tests;

/// <summary>Phases that call one block share frames and launches; each must still compute with its own parameters.</summary>
public sealed class SharedLaunchTests
{
    private const string Nodes = """
        [State("b t d", init: "a")] public Node zA;
        [State("b t d", init: "b")] public Node zB;
        [State("b t d", init: "c")] public Node zC;
        [Call<Inner@1>(nameof(x), from: nameof(zA)@a), In("H/L"), Updates(nameof(zA))] public Node stepA;
        [Call<Inner@2>(nameof(zA), from: nameof(zB)@b), In("H/M"), Updates(nameof(zB))] public Node stepB;
        [Call<Inner@3>(nameof(zB), from: nameof(zC)@c), In("H"), Updates(nameof(zC))] public Node stepC;
        [Add(nameof(stepA), from: nameof(zC))] public Node sum;
        [Add(nameof(stepB), from: nameof(sum))] public Node y;
        """;

    private const string Inner = """
        [Block("b t d")]
        public sealed partial class Inner@
        {
            [Input] public Node z;
            [Input] public Node injection;
            [Add(nameof(injection), from: nameof(z))] public Node start@;
            [Linear(outputs: "d", name: "a")] public Node a@;
            [Linear(outputs: "d", name: "b")] public Node b@;
            [Add(nameof(start@))] public Node r@;
            [RmsNorm, Output] public Node s@;
        }
        """;

    /// <summary>The oracle is the model with three blocks whose nodes have other names: these share no launch.</summary>
    /// <param name="a">Name of the first network; empty: that of its node.</param>
    /// <param name="b">Of the second.</param>
    /// <param name="c">Of the third.</param>
    [Theory]
    [InlineData("", "", "")]
    [InlineData("p", "q", "r")]
    [InlineData("p", "q", "q")]
    [InlineData("p", "q", "p")]
    [InlineData("p", "p", "q")]
    [InlineData("stepB", "stepA", "stepC")]
    public void Each_network_computes_with_its_own_parameters(string a, string b, string c)
    {
        using RecursiveModel shared = Load("", "", ""), alone = Load("1", "2", "3");
        shared.Step(gradient: true);
        alone.Step(gradient: true);
        Assert.Equal(alone.Floats(alone.Ports["logits"]), shared.Floats(shared.Ports["logits"]));
        Assert.Equal(alone.Gradients, shared.Gradients);
        Assert.NotEqual(0, alone.Gradients.ToArray().Max());

        RecursiveModel Load(string first, string second, string third)
        {
            var source = TestModels.Of(
                Nodes.Replace("@1", first).Replace("@2", second).Replace("@3", third).Replace("@a", Name(a)).Replace("@b", Name(b)).Replace("@c", Name(c)),
                string.Join("\n", new[] { first, second, third }.Distinct().Select(suffix => Inner.Replace("@", suffix))));
            var model = GeneratorRun.Of(source.Replace(
                "[Model]",
                "[Model, Loop(\"H\", count: \"2\"), Loop(\"L\", count: \"3\", inside: \"H\", gradient: \"2\"), Loop(\"M\", count: \"2\", inside: \"H\", gradient: \"1\")]",
                StringComparison.Ordinal)).Load(batch: 2, threads: 1);
            Fill(model.Weights, 0.3f, 1);
            Fill(model.Floats(model.Ports["x"]), 1, 2);
            model.Ints(model.Ports["labels"]).Fill(3);
            model.WeightsChanged();
            return model;
        }
    }

    private static string Name(string name) => name.Length == 0 ? "" : $", name: \"{name}\"";

    private static void Fill(Span<float> values, float scale, int seed)
    {
        var random = new Random(seed);
        foreach (ref var value in values)
        {
            value = scale * (float)((2 * random.NextDouble()) - 1);
        }
    }
}
