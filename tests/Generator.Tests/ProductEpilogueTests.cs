using System.Text.RegularExpressions;

namespace Graph.Generator.Tests;

/// <summary>Which products wait for the step behind them, and when they are in memory all the same.</summary>
public sealed partial class ProductEpilogueTests
{
    private const string Halves = """
        [Linear(outputs: "2*f")] public Node both;
        [Columns("0", "f")] public Node left;
        [Columns("f", "2*f", nameof(both))] public Node right;

        """;

    private const string Norm = """
        [Linear(outputs: "d")] public Node l;
        [Add(nameof(x))] public Node s;
        [RmsNorm] public Node n;

        """;

    private const string End = "\n[Linear(outputs: \"d\")] public Node y;";

    [Theory]
    [InlineData(Halves + "[SwiGate(from: nameof(left), with: nameof(right))] public Node a;" + End, "turn >= 0")]
    [InlineData(Halves + "[Mul(from: nameof(left), with: nameof(right))] public Node a;" + End, "turn >= 0")]
    [InlineData(Halves + "[SwiGate(from: nameof(right), with: nameof(left))] public Node a;" + End, "")] // halves changed
    [InlineData(Halves + "[SwiGate(from: nameof(left), with: nameof(right))] public Node a;\n[SiLU] public Node s;" + End, "")] // more than the gate
    [InlineData(Halves + "[SwiGate(from: nameof(left), with: nameof(right))] public Node a;\n[Linear(outputs: \"f\", from: nameof(left))] public Node l;\n[Add(nameof(a))] public Node s;" + End, "true")]
    [InlineData(Norm + End, "false")]
    [InlineData("[Linear(outputs: \"d\")] public Node l;\n[Mul(nameof(x))] public Node s;\n[RmsNorm] public Node n;" + End, "turn >= 0")] // what is joined is the device's question
    [InlineData(Norm + "[Linear(outputs: \"d\", from: nameof(l))] public Node z;\n[Mul(nameof(n))] public Node w;" + End, "true")]
    [InlineData(Norm + "[Linear(outputs: \"d\", from: nameof(s))] public Node z;\n[Mul(nameof(n))] public Node w;" + End, "")] // the sum is read again
    [InlineData("[Linear(outputs: \"d\")] public Node l;\n[Add(nameof(l))] public Node s;\n[RmsNorm] public Node n;" + End, "")] // of one value twice
    [InlineData("[Linear(outputs: \"d\")] public Node l;\n[RmsNorm] public Node n;" + End, "")] // no sum
    [InlineData(Norm + "[SiLU] public Node z;" + End, "")] // more than the norm
    [InlineData("[SelfAttention(heads: \"h\")] public Node y;", "false")]
    [InlineData("[PlainSelfAttention(heads: \"h\")] public Node y;", "")]
    [InlineData("[SwiGlu(hidden: \"ft\", axis: \"t\")] public Node y;", "")]
    public void A_product_waits_for_what_its_tiles_can_do(string nodes, string keep)
    {
        var run = GeneratorRun.Of(TestModels.Of(nodes));
        Assert.Empty(run.Reported);
        Assert.Empty(run.Compiler());
        var found = run.Files.Values.SelectMany(text => Waiting().Matches(text)).Select(match => match.Groups[1].Value).Distinct();
        Assert.Equal(keep.Length == 0 ? [] : [keep], found);
    }

    [Theory]
    [InlineData(Halves + "[SwiGate(from: nameof(left), with: nameof(right))] public Node a;" + End, "RowsBackwardForNext")]
    [InlineData(Halves + "[Mul(from: nameof(left), with: nameof(right))] public Node a;" + End, "RowsBackwardForNext")]
    [InlineData("[SwiGlu(hidden: \"ft\", axis: \"t\")] public Node y;", "ColumnsBackwardForNext")]
    [InlineData(Halves + "[SwiGate(from: nameof(right), with: nameof(left))] public Node a;" + End, "")] // halves changed
    [InlineData(Halves + "[SwiGate(from: nameof(left), with: nameof(right))] public Node a;\n[SiLU] public Node s;" + End, "")] // more than the gate
    [InlineData(Halves + "[SwiGate(from: nameof(left), with: nameof(right))] public Node a;\n[Linear(outputs: \"f\", from: nameof(a))] public Node l;\n[Add(nameof(a))] public Node s;" + End, "")] // dY is a sum
    [InlineData("[SelfAttention(heads: \"h\")] public Node y;", "")]
    public void A_backward_product_waits_for_the_gate_before_it(string nodes, string method)
    {
        var run = GeneratorRun.Of(TestModels.Of(nodes));
        Assert.Empty(run.Reported);
        Assert.Empty(run.Compiler());
        var text = string.Concat(run.Files.Values);
        var found = WaitingBackward().Matches(text).Select(match => match.Groups[1].Value).Distinct();
        Assert.Equal(method.Length == 0 ? [] : [method], found);
        Assert.Equal(method.Length > 0, text.Contains(".RunHalvesBackward<", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"MatMul\.(\w+BackwardForNext)\(")]
    private static partial Regex WaitingBackward();

    [GeneratedRegex(@"MatMul\.RowsForNext\(.*keep: (.*)\);")]
    private static partial Regex Waiting();
}
