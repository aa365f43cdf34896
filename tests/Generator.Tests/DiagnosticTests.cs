using Graph.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Graph.Generator.Tests;

/// <summary>Each diagnostic once: its id, and the very text that it points at.</summary>
public sealed class DiagnosticTests
{
    /// <summary>Id, what is underlined, and the source that provokes it.</summary>
    public static TheoryData<string, string, string> Cases { get; } = new()
    {
        { "GRAPH001", "Small", Small().Replace("sealed partial class Small", "sealed class Small", StringComparison.Ordinal) },
        { "GRAPH001", "Tiny", Small().Replace("static partial class Tiny", "static class Tiny", StringComparison.Ordinal) },
        { "GRAPH002", "Small", Small().Replace("sealed partial class Small", "partial class Small<T>", StringComparison.Ordinal) },
        { "GRAPH003", "Softplus", Small("[SiLU, Softplus] public Node y;") },
        { "GRAPH004", "y", Small("public Node y;") },
        { "GRAPH004", "State(\"b t d\", init: \"s\")", Small("[Call<Inner>] public Node y;", Block("[State(\"b t d\", init: \"s\"), Output] public Node s;")) },
        { "GRAPH005", "Inner", Small("[Call<Inner>] public Node y;", Block("[SiLU] public Node s;")) },
        { "GRAPH006", "SiLU", Small("[SiLU(nameof(x))] public Node y;") },
        { "GRAPH007", "SiLU", Small("[SiLU] private Node y;") },
        { "GRAPH008", "Small", Small().Replace("[Size] ", "", StringComparison.Ordinal) },
        { "GRAPH009", "Softplus(from: nameof(x))", Small("[Softplus(from: nameof(x))] public Node vain; [SiLU(from: nameof(x))] public Node y;") },
        { "GRAPH020", "\"nothing\"", Small("[SiLU(from: \"nothing\")] public Node y;") },
        { "GRAPH020", "nameof(x) + \".tail\"", Small("[SiLU(from: nameof(x) + \".tail\")] public Node y;") },
        { "GRAPH020", "\"nothing\"", Small("[Columns(\"0\", \"d\", \"nothing\")] public Node y;") },
        { "GRAPH021", "nameof(logits)", Small("[Add(nameof(logits))] public Node y;") },
        { "GRAPH022", "Call<Inner>", Small("[Call<Inner>] public Node y;", Block("[Input] public Node b; [Add(nameof(b), from: nameof(a)), Output] public Node s;")) },
        { "GRAPH022", "Half", Small("[Half] public Node y;", Pointwise("IPointwise2", "a: * n, b: * n -> y: * n", "public T Forward<T>(T a, T b) where T : struct, ILane<T> => a; public (T A, T B) Backward<T>(T a, T b, T y, T dy) where T : struct, ILane<T> => (dy, dy);")) },
        { "GRAPH023", "Call<Inner>", Small("[Call<Inner>] public Node y;", Block("[Call<Inner>, Output] public Node s;")) },
        { "GRAPH024", "\"wide\"", Small("[Half(\"wide\")] public Node y;", Factor("double", "string factor")) },
        { "GRAPH024", "Half", Small("[Half] public Node y;", Factor("double", "")) },
        { "GRAPH025", "Call<Other>(share: \"w\")", Small("[Call<Inner>(share: \"w\")] public Node one; [Call<Other>(share: \"w\")] public Node y;", Block("[SiLU, Output] public Node s;") + Block("[SiLU, Output] public Node s;").Replace("Inner", "Other", StringComparison.Ordinal)) },
        { "GRAPH026", "In(\"M\")", Small("[SiLU, In(\"M\")] public Node y;") },
        { "GRAPH026", "In(\"L\")", Looped("[SiLU, In(\"L\")] public Node y;") },
        { "GRAPH026", "In(\"H\")", Looped("[SiLU, In(\"H\")] public Node a; [SiLU] public Node c; [SiLU, In(\"H\")] public Node y;") },
        { "GRAPH027", "Updates(nameof(z))", Small("[State(\"b t d\", init: \"z\")] public Node z; [SiLU(from: nameof(x)), Updates(nameof(z))] public Node y;") },
        { "GRAPH028", "Linear(outputs: \"d\")", Small("[Linear(outputs: \"d\")] public Node all; [Columns(\"0\", \"h\")] public Node y;") },
        { "GRAPH029", "Loop(\"H\", count: \"2\", gradient: \"1\")", Looped("[SiLU, In(\"H\")] public Node y;", "gradient: \"1\"", "") },
        { "GRAPH029", "Loop(\"L\", count: \"3\", inside: \"H\", gradient: \"v-d\")", Looped("[SiLU, In(\"H/L\")] public Node y;", "", "gradient: \"v-d\"") },
        { "GRAPH029", "Loop(\"L\", count: \"3\", inside: \"H\", gradient: \"4\")", Looped("[SiLU, In(\"H/L\")] public Node y;", "", "gradient: \"4\"") },
        { "GRAPH029", "Loop(\"L\", count: \"3\", inside: \"H\", gradient: \"0\")", Looped("[SiLU, In(\"H/L\")] public Node y;", "", "gradient: \"0\"") },
        { "GRAPH040", "\"b t *\"", Small("[Input(\"b t *\")] public Node z; [SiLU(from: nameof(x))] public Node y;") },
        { "GRAPH040", "\"2*\"", Small("[SwiGlu(hidden: \"2*\")] public Node y;") },
        { "GRAPH040", "\"d+\"", Small("[Columns(\"0\", \"d+\")] public Node y;") },
        { "GRAPH040", "Loop(\"H\", count: \"2*d\")", Looped("[SiLU, In(\"H\")] public Node y;").Replace("Loop(\"H\", count: \"2\")", "Loop(\"H\", count: \"2*d\")", StringComparison.Ordinal) },
        { "GRAPH040", "Loop(\"H\", count: \"1+1\")", Looped("[SiLU, In(\"H\")] public Node y;").Replace("Loop(\"H\", count: \"2\")", "Loop(\"H\", count: \"1+1\")", StringComparison.Ordinal) },
        { "GRAPH041", "Tiny", Looped("[SiLU, In(\"H\")] public Node y;").Replace("Loop(\"H\", count: \"2\")", "Loop(\"H\", count: \"b\")", StringComparison.Ordinal) },
        { "GRAPH041", "Tiny", Small("[Linear(outputs: \"unknown\")] public Node y;") },
        { "GRAPH041", "Tiny", Looped("[SiLU, In(\"H\")] public Node y;").Replace("Loop(\"H\", count: \"2\")", "Loop(\"H\", count: \"turns\")", StringComparison.Ordinal) },
        { "GRAPH042", "Add(nameof(x))", Small("[Linear(outputs: \"f\")] public Node wide; [Add(nameof(x))] public Node y;") },
        { "GRAPH043", "Tiny", Small("[Linear(outputs: \"d/h/h/h/h/h/h\")] public Node y;") },
        { "GRAPH045", "Tiny", Small("[Linear(outputs: \"v - d\")] public Node y;") },
        { "GRAPH060", "Half", Small("[Half] public Node y;", Operator("", "x: * n -> y: * n", "")) },
        { "GRAPH061", "Half", Small("[Linear(outputs: \"d\")] public Node all; [Half] public Node y;", Operator(": ITileOperator", "x: b t n -> y: b t n", "[Launch(Pass.Forward, \"b\")] public static void Run(long unit, Ref x, Ref y) { }")) },
        { "GRAPH062", "Half", Small("[Half] public Node y;", Operator(": ITileOperator", "x: b t n -> y: b t n", "[Launch(Pass.Forward, \"b\")] public static void Run(long unit, Ref x, Ref other) { }")) },
        { "GRAPH062", "Half", Small("[Half] public Node y;", Operator(": ITileOperator", "x: b t n -> y: b t n", "[Launch(Pass.Forward, \"b\")] public static void Run(long unit, Ref x, Ref y, int window) { } [Launch(Pass.Backward, \"b\")] public static void Back(long unit, Ref dy, Ref dx) { }")) },
        { "GRAPH063", "Half", Small("[Columns(\"0\", \"h\")] public Node half; [Half] public Node y;", Operator(": ITileOperator", "x: b t n -> y: b t n", "[Launch(Pass.Forward, \"b\")] public static void Run(long unit, Ref x, Ref y) { } [Launch(Pass.Backward, \"b\")] public static void Back(long unit, Ref dy, Ref dx) { }")) },
        { "GRAPH064", "Half", Small("[Half] public Node y;", Operator(": ITileOperator", "x: b t n -> y: b t n", "[Launch(Pass.Forward, \"b\", Gpu = true, Bfloat16 = \"x input\")] public static void Run(in Graph.Execution.Worker worker, long unit, Ref x, Ref y) { } [Launch(Pass.Backward, \"b\")] public static void Back(long unit, Ref dy, Ref dx) { }")) },
        { "GRAPH081", "Linear(outputs: \"v\", from: nameof(y))", Small("[RmsNorm(1e-5, axis: \"t\")] public Node y;") },
        { "GRAPH082", "SiLU", Small() },
        { "GRAPH083", "Small", Small("[Call<Graph.Models.Mamba2Mixer>(layers: 16)] public Node y;") },
        { "GRAPH085", "Small", Small() },
        { "GRAPH066", "Half", Small("[Half] public Node y;", Factor("double", "").Replace("readonly struct", "struct", StringComparison.Ordinal)) },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Points_at_what_is_wrong(string id, string underlined, string source)
    {
        var descriptor = Descriptors.All.Single(d => d.Id == id);
        var run = id switch
        {
            "GRAPH006" => GeneratorRun.Of(source, "using Graph; using Graph.Operators; namespace Tested; public sealed partial class Small { [SiLU] public Node late; }"),
            "GRAPH085" => GeneratorRun.Of(LanguageVersion.CSharp12, [], source),
            _ => GeneratorRun.Of(LanguageVersion.CSharp14, descriptor.IsEnabledByDefault ? [] : [id], source),
        };
        var problem = Assert.Single(run.Reported);
        Assert.Equal(id, problem.Id);

        // Warnings and notes do not stop the compiler; an error emits nothing.
        Assert.Equal(descriptor.DefaultSeverity, problem.Severity);
        Assert.Equal(problem.Severity != DiagnosticSeverity.Error, run.Files.Count > 0);
        Assert.True(problem.Location.IsInSource);
        Assert.Equal(underlined, problem.Location.SourceTree!.GetText(TestContext.Current.CancellationToken).ToString(problem.Location.SourceSpan));
        Assert.DoesNotContain("{", problem.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_models_compile_on()
    {
        var run = GeneratorRun.Of(TestModels.Of("[SiLU(from: \"nothing\")] public Node y;", name: "Broken"), TestModels.Of("[SiLU] public Node y;", name: "Sound"));
        Assert.Equal("GRAPH020", Assert.Single(run.Reported).Id);
        Assert.NotEmpty(run.Files);
        Assert.All(run.Files.Keys, hint => Assert.StartsWith("Tested.Sound.", hint, StringComparison.Ordinal));
    }

    [Fact]
    public void Models_of_one_name_in_two_namespaces_do_not_meet()
    {
        var run = GeneratorRun.Of(
            TestModels.Of("[SiLU] public Node y;"),
            TestModels.Of("[SiLU(from: \"nothing\")] public Node y;").Replace("namespace Tested", "namespace Other", StringComparison.Ordinal));
        Assert.Equal("Source1.cs", Assert.Single(run.Reported).Location.SourceTree!.FilePath);
        Assert.All(run.Files.Keys, hint => Assert.StartsWith("Tested.Small.", hint, StringComparison.Ordinal));
    }

    private static string Small(string nodes = "[SiLU] public Node y;", string types = "") => TestModels.Of(nodes, types);

    private static string Looped(string nodes, string outer, string inner) => Looped(nodes)
        .Replace("count: \"2\"", outer.Length == 0 ? "count: \"2\"" : "count: \"2\", " + outer, StringComparison.Ordinal)
        .Replace("inside: \"H\"", inner.Length == 0 ? "inside: \"H\"" : "inside: \"H\", " + inner, StringComparison.Ordinal);

    private static string Looped(string nodes) => Small(nodes).Replace("[Model]", "[Model, Loop(\"H\", count: \"2\"), Loop(\"L\", count: \"3\", inside: \"H\")]", StringComparison.Ordinal);

    private static string Block(string nodes) => $"[Block(\"b t d\")] public sealed partial class Inner {{ [Input] public Node a; {nodes} }}";

    private static string Operator(string archetype, string rule, string members) => $$"""
        [Operator("{{rule}}")] public readonly struct HalfOf {{archetype}} { {{members}} }
        public sealed class HalfAttribute : OperatorAttribute<HalfOf>;
        """.Replace("Ref ", "Graph.Execution.Ref ", StringComparison.Ordinal);

    private static string Pointwise(string archetype, string rule, string members) => Operator(": " + archetype, rule, members);

    private static string Factor(string type, string attributeParameter) => $$"""
        [Operator("x: * n -> y: * n")]
        public readonly struct HalfOf({{type}} factor) : IPointwise1
        {
            public T Forward<T>(T x) where T : struct, ILane<T> => T.Of(factor) * x;
            public T Backward<T>(T x, T y, T dy) where T : struct, ILane<T> => T.Of(factor) * dy;
        }
        public sealed class HalfAttribute({{attributeParameter}}) : OperatorAttribute<HalfOf>;
        """;
}
