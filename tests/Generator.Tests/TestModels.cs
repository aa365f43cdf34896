namespace Graph.Generator.Tests;

/// <summary>Sources of small models.</summary>
internal static class TestModels
{
    /// <summary>A model of one input with gradient, <paramref name="nodes"/> up to <c>y</c>, and a loss on the label of every token.</summary>
    /// <param name="nodes">Fields that start from <c>x</c> and end with <c>y</c>.</param>
    /// <param name="types">Further types, such as operators of the test.</param>
    /// <param name="name">Class name.</param>
    public static string Of(string nodes, string types = "", string name = "Small") => $$"""
        using Graph;
        using Graph.Lanes;
        using Graph.Operators;

        namespace Tested;

        [Model]
        public sealed partial class {{name}}
        {
            [Input("b t", integer: true)] public Node labels;
            [Input("b t d", gradient: true)] public Node x;
            {{nodes.ReplaceLineEndings("\n    ")}}
            [Linear(outputs: "v", from: nameof(y)), Output] public Node logits;
            [SoftmaxCrossEntropy(with: nameof(labels), from: nameof(logits)), Loss] public Node loss;

            [Size] public static partial class Tiny { public const int d = 32, t = 24, v = 7, h = 2, f = 64, ft = 48, e = 64, n = 16, g = 1, hs = 4; }
        }

        {{types}}
        """;
}
