namespace Graph.Generator.Tests;

/// <summary>Declarations that are easy to get wrong in emitted text: all of them compile without a warning.</summary>
public sealed class CompilesTests
{
    [Theory]
    [InlineData("names of the model, its size and the emitted classes", "[SiLU] public Node small; [Linear(outputs: \"d\")] public Node a; [SiLU] public Node tiny; [Linear(outputs: \"d\")] public Node c; [Softplus] public Node program; [Linear(outputs: \"d\")] public Node y;")]
    [InlineData("a keyword and a capital as a node", "[SiLU] public Node @in; [Linear(outputs: \"d\")] public Node S; [Softplus] public Node s; [RmsNorm] public Node y;")]
    [InlineData("two parameters in one row", "[FeatureScale] public Node scaled; [FeatureBias] public Node shifted; [FeatureScale(name: \"second\")] public Node y;")]
    [InlineData("a block whose weights two calls share", "[Call<Graph.Models.TrmAttentionBlock>(share: \"k\")] public Node one; [Call<Graph.Models.TrmAttentionBlock>(share: \"k\")] public Node y;")]
    [InlineData("nodes whose names differ in case and underscores only", "[SelfAttention(heads: \"h\")] public Node a_b; [SelfAttention(heads: \"h\")] public Node aB; [RmsNorm] public Node y;")]
    [InlineData("rows, then tokens, then rows", "[RmsNorm] public Node a; [SwiGlu(hidden: \"ft\", axis: \"t\")] public Node c; [Add(nameof(a))] public Node e; [RmsNorm(1e-5, axis: \"t\")] public Node k; [Linear(outputs: \"d\")] public Node y;")]
    public void Without_warnings(string what, string nodes)
    {
        var run = GeneratorRun.Of(TestModels.Of(nodes));
        Assert.True(run.Reported.IsEmpty, $"{what}: {string.Join(", ", run.Reported)}");
        var problems = run.Compiler().ToList();
        Assert.True(problems.Count == 0, $"{what}: {string.Join(", ", problems)}");
    }

    [Fact]
    public void Nothing_but_inputs_before_the_loop()
    {
        var run = GeneratorRun.Of(TestModels.Of("""
            [State("b t d", init: "z")] public Node z;
            [Add(nameof(x), from: nameof(z)), In("H"), Updates(nameof(z))] public Node step;
            [SiLU(from: nameof(z))] public Node y;
            """).Replace("[Model]", "[Model, Loop(\"H\", count: \"2\")]", StringComparison.Ordinal));
        Assert.Empty(run.Reported);
        Assert.Empty(run.Compiler());
    }

    [Fact]
    public void Without_a_namespace()
    {
        var run = GeneratorRun.Of(TestModels.Of("[SiLU] public Node y;").Replace("namespace Tested;", "", StringComparison.Ordinal));
        Assert.Empty(run.Reported);
        Assert.Empty(run.Compiler());
    }
}
