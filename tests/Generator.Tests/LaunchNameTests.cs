using System.Text.RegularExpressions;

namespace Graph.Generator.Tests;

/// <summary>Launches are named after nodes: profiles and diffs of emitted code stay comparable when a model grows.</summary>
public sealed partial class LaunchNameTests
{
    private const string Block = """
        [Block("b t d")]
        public sealed partial class Inner
        {
            [Input] public Node a;
            [SelfAttention(heads: "h")] public Node mix;
            [Add(nameof(a))] public Node r1;
            [RmsNorm(1e-5)] public Node n1;
            /*here*/
            [SwiGlu(hidden: "ft", axis: "t")] public Node mlp;
            [Add(nameof(n1))] public Node r2;
            [RmsNorm(1e-5), Output] public Node s;
        }
        """;

    [Theory]
    [InlineData("[SiLU] public Node gate;")]
    [InlineData("[Linear(outputs: \"d\")] public Node gate;")]
    [InlineData("[SelfAttention(heads: \"h\")] public Node gate;")]
    public void New_node_renames_no_launch_of_another(string node)
    {
        var before = Names(Block);
        var after = Names(Block.Replace("/*here*/", node, StringComparison.Ordinal).Replace("[Add(nameof(n1))]", "[Add(nameof(gate))]", StringComparison.Ordinal));

        // A launch is gone only where the new node is now its last.
        var gone = before.Except(after).ToList();
        var come = after.Except(before).ToList();
        Assert.All(come, name => Assert.Contains("Gate", name, StringComparison.Ordinal));
        Assert.True(gone.Count <= 2 * 2, $"gone: {string.Join(", ", gone)}; new: {string.Join(", ", come)}");
        Assert.True(before.Intersect(after).Count() >= before.Count - gone.Count);
    }

    [Fact]
    public void No_launch_has_a_number()
    {
        var names = Names(Block.Replace("/*here*/", "", StringComparison.Ordinal));
        Assert.Contains("InputsForwardY0MixMixed", names);
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, name => Assert.DoesNotMatch("(Forward|Backward)[0-9]", name));
    }

    /// <summary>Two layers, so that a node of the block is two of the model.</summary>
    private static List<string> Names(string block)
    {
        var run = GeneratorRun.Of(TestModels.Of("[Call<Inner>(layers: 2)] public Node y;", block));
        Assert.Empty(run.Reported);
        Assert.Empty(run.Compiler());
        return [.. run.Files.Values.SelectMany(text => Struct().Matches(text)).Select(m => m.Groups[1].Value)];
    }

    [GeneratedRegex("readonly struct ([A-Za-z0-9_]+)\\(Program<TDims> m")]
    private static partial Regex Struct();
}
