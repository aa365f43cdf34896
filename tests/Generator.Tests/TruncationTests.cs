using Graph.Execution;

namespace Graph.Generator.Tests;

/// <summary><c>[Loop(..., gradient: ...)]</c>: the last so many turns of an inner loop carry gradient, what the turns before them reach is a constant.</summary>
public sealed class TruncationTests
{
    /// <summary>A fast and a slow state with a network each, as in HRM.</summary>
    private const string Nodes = """
        [State("b t d", init: "slow")] public Node zH;
        [State("b t d", init: "fast")] public Node zL;
        [Add(nameof(x), from: nameof(zH)), In("H/L")] public Node inject;
        [Call<Inner>(nameof(inject), from: nameof(zL), name: "fast"), In("H/L"), Updates(nameof(zL))] public Node stepL;
        [Call<Inner>(nameof(zL), from: nameof(zH), name: "slow"), In("H"), Updates(nameof(zH))] public Node stepH;
        [RmsNorm(from: nameof(zH))] public Node y;
        """;

    private const string Inner = """
        [Block("b t d")]
        public sealed partial class Inner
        {
            [Input] public Node z;
            [Input] public Node injection;
            [Add(nameof(injection), from: nameof(z))] public Node start;
            [Linear(outputs: "d")] public Node a;
            [Add(nameof(start))] public Node r;
            [RmsNorm, Output] public Node s;
        }
        """;

    /// <summary>Of the turns L L L H | L (L L H) those in parentheses: a loop of two from the states before them, bit for bit.</summary>
    [Theory]
    [InlineData("2")]
    [InlineData("h")]
    public void Gradient_is_that_of_the_last_turns_alone(string gradient)
    {
        using var whole = Load("2", "3", gradient);
        using var last = Load("1", "2", null);
        using (RecursiveModel first = Load("1", "3", null), one = Load("1", "1", null))
        {
            first.Step(gradient: false);
            Copy(first, one);
            one.Step(gradient: false);
            Copy(first, last);
            State(one, "zL").CopyTo(State(last, "zL"));
        }

        whole.Step(gradient: true);
        last.Step(gradient: true);
        Assert.Equal(last.Floats(last.Ports["logits"]), whole.Floats(whole.Ports["logits"]));
        Assert.Equal(last.Gradients, whole.Gradients);
        Assert.Equal(last.GradientOf(last.Ports["x"]), whole.GradientOf(whole.Ports["x"]));
        Assert.NotEqual(0, whole.Gradients.ToArray().Max());
    }

    /// <summary>A state that is set before the loop reaches its last turns only through turns without gradient, if there are any.</summary>
    [Theory]
    [InlineData("1", false)]
    [InlineData("2", false)]
    [InlineData("3", true)]
    public void No_gradient_goes_past_the_turns_without(string gradient, bool reaches)
    {
        var source = TestModels.Of("""
            [State("b t d", init: "z")] public Node z;
            [Linear(outputs: "d", from: nameof(x), name: "before"), In("H"), Updates(nameof(z))] public Node set;
            [Linear(outputs: "d", from: nameof(z), name: "inside"), In("H/L"), Updates(nameof(z))] public Node step;
            [RmsNorm(from: nameof(z))] public Node y;
            """).Replace("[Model]", $"[Model, Loop(\"H\", count: \"2\"), Loop(\"L\", count: \"3\", inside: \"H\", gradient: \"{gradient}\")]", StringComparison.Ordinal);
        using var model = GeneratorRun.Of(source).Load(batch: 2, threads: 1);
        Fill(model.Weights, 0.3f, 1);
        Fill(model.Floats(model.Ports["x"]), 1, 2);
        model.Ints(model.Ports["labels"]).Fill(3);
        model.WeightsChanged();
        model.Step(gradient: true);
        Assert.True(Largest("inside.weight") > 0);
        Assert.Equal(reaches, Largest("before.weight") > 0);

        float Largest(string name)
        {
            var parameter = model.Parameters.Single(p => p.Name == name);
            return model.Gradients.Slice((int)parameter.Offset, (int)parameter.Count).ToArray().Max(MathF.Abs);
        }
    }

    /// <summary>Frames are kept for the turns with gradient alone, and no gradient of the fast state leaves a loop of one such turn.</summary>
    [Fact]
    public void Turns_without_gradient_keep_nothing()
    {
        Assert.Contains("L_turn = EndFrame(turns: 2);", Text("3", "1"), StringComparison.Ordinal);
        Assert.Contains("L_turn = EndFrame(turns: 3);", Text("3", "2"), StringComparison.Ordinal);
        Assert.Contains("L_turn = EndFrame(turns: 4);", Text("3", null), StringComparison.Ordinal);
        Assert.Contains("LForward(gradient && L >= 0 ? L : -1);", Text("3", "2"), StringComparison.Ordinal);
        Assert.Contains("d_zL = Copy(", Text("3", "2"), StringComparison.Ordinal);
        Assert.DoesNotContain("d_zL = Copy(", Text("3", "1"), StringComparison.Ordinal);
    }

    /// <summary>The slow network runs the fast one's launches at the distance of its own weights; only its first and last launch differ.</summary>
    [Fact]
    public void Networks_of_one_block_share_launches()
    {
        var schedule = Text("3", "1");
        Assert.Contains("var weights = Plan.slow_a_weight - Plan.fast_a_weight;", schedule, StringComparison.Ordinal);
        Assert.Contains("m.Plan.fast_a_weight + weights", schedule, StringComparison.Ordinal);
    }

    private static string Text(string turns, string? gradient) => string.Join("\n", GeneratorRun.Of(Source("2", turns, gradient)).Files.Values);

    internal static string Source(string high, string low, string? gradient) => TestModels.Of(Nodes, Inner).Replace(
        "[Model]",
        $"[Model, Loop(\"H\", count: \"{high}\"), Loop(\"L\", count: \"{low}\", inside: \"H\"{(gradient is null ? "" : $", gradient: \"{gradient}\"")})]",
        StringComparison.Ordinal);

    private static RecursiveModel Load(string high, string low, string? gradient)
    {
        var model = GeneratorRun.Of(Source(high, low, gradient)).Load(batch: 2, threads: 1);
        Fill(model.Weights, 0.3f, 1);
        Fill(model.Floats(model.Ports["x"]), 1, 2);
        Fill(State(model, "zH"), 1, 3);
        Fill(State(model, "zL"), 1, 4);
        model.Ints(model.Ports["labels"]).Fill(3);
        model.WeightsChanged();
        return model;
    }

    private static void Copy(RecursiveModel from, RecursiveModel to)
    {
        State(from, "zH").CopyTo(State(to, "zH"));
        State(from, "zL").CopyTo(State(to, "zL"));
    }

    private static Span<float> State(RecursiveModel model, string name) => model.Floats(model.States.Single(s => s.Port.Name == name).Port);

    private static void Fill(Span<float> values, float scale, int seed)
    {
        var random = new Random(seed);
        foreach (ref var value in values)
        {
            value = scale * (float)((2 * random.NextDouble()) - 1);
        }
    }
}
