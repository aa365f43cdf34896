namespace Graph.Generator.Tests;

/// <summary>What is emitted for each archetype alone, for each shipped block and for a user's operator; all of it compiles without a warning.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void Pointwise_operators() => Verify("Pointwise", TestModels.Of("""
        [SiLU] public Node s;
        [Mul(nameof(s), from: nameof(x))] public Node y;
        """));

    [Fact]
    public void Row_operator_along_features() => Verify("RowFeatures", TestModels.Of("[RmsNorm(1e-5)] public Node y;"));

    [Fact]
    public void Row_operator_along_tokens() => Verify("RowTokens", TestModels.Of("[RmsNorm(1e-5, axis: \"t\")] public Node y;"));

    [Fact]
    public void Contraction_along_features() => Verify("ContractionFeatures", TestModels.Of("[Linear(outputs: \"d\")] public Node y;"));

    [Fact]
    public void Contraction_along_tokens() => Verify("ContractionTokens", TestModels.Of("[Linear(outputs: \"t\", axis: \"t\")] public Node y;"));

    [Fact]
    public void Tile_operator() => Verify("Tile", TestModels.Of("""
        [Linear(outputs: "3*d")] public Node qkv;
        [Attention(heads: "h")] public Node y;
        """));

    [Fact]
    public void Attention_block() => Verify("TrmAttentionBlock", TestModels.Of("[Call<Graph.Models.TrmAttentionBlock>] public Node y;"));

    [Fact]
    public void Token_mlp_block() => Verify("TrmMlpTBlock", TestModels.Of("[Call<Graph.Models.TrmMlpTBlock>] public Node y;"));

    [Fact]
    public void Mamba_block() => Verify("Mamba2Mixer", TestModels.Of("[Call<Graph.Models.Mamba2Mixer>] public Node y;"));

    [Fact]
    public void Networks_in_a_loop_of_one_turn_with_gradient() => Verify("TruncatedLoop", TruncationTests.Source("2", "3", "1"));

    [Fact]
    public void Users_own_operator_fuses_like_a_shipped_one() => Verify("UserOperator", TestModels.Of(
        """
        [SiLU] public Node s;
        [SquaredReluGate(nameof(x), from: nameof(s))] public Node y;
        """,
        """
        /// <summary>relu(gate)² up.</summary>
        [Operator("a: * n, b: * n -> y: * n"), BackwardReads("a", "b"), Cost("4")]
        public readonly struct SquaredReluGate : IPointwise2
        {
            public T Forward<T>(T a, T b) where T : struct, ILane<T>
            {
                var r = T.Max(a, T.Zero);
                return r * r * b;
            }

            public (T A, T B) Backward<T>(T a, T b, T y, T dy) where T : struct, ILane<T>
            {
                var r = T.Max(a, T.Zero);
                return (T.Of(2) * r * b * dy, r * r * dy);
            }
        }

        public sealed class SquaredReluGateAttribute(string with, string? from = null) : OperatorAttribute<SquaredReluGate>
        {
            public string With => with;
            public string? From => from;
        }
        """));

    private static void Verify(string test, string source)
    {
        var run = GeneratorRun.Of(source);
        Assert.Empty(run.Reported);
        Assert.Empty(run.Compiler());
        Snapshot.Verify(test, run.Files.ToDictionary(f => f.Key["Tested.Small.".Length..^".g.cs".Length], f => f.Value));
    }
}
