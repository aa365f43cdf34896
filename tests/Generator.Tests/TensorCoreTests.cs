using Graph.Generator.Emit;
using Microsoft.CodeAnalysis;

namespace Graph.Generator.Tests;

/// <summary>The texts of tensor-core products: the shipped ones compile, are short and are as reviewed; what they compute is proven in Runtime.Tests.</summary>
public sealed class TensorCoreTests
{
    private const string Shipped = "Runtime/Operators/MatMul/TensorCores/TensorCoreKernels.cs";
    private const string ShippedAttention = "Runtime/Operators/TensorCores/TensorCoreAttention.cs";

    /// <summary>What the runtime has by its project's settings.</summary>
    private const string Usings = "global using System;\n";

    [Fact]
    public void Shipped_kernels()
    {
        var run = GeneratorRun.OfTensorCores(Usings, Repository.Read(Shipped), Repository.Read(ShippedAttention));
        Assert.Empty(run.Reported);
        Assert.Empty(run.Compiler());
        Assert.All(run.Files, file => Assert.InRange(file.Value.Count(c => c == '\n'), 1, FileSet.MaxLines));
        Snapshot.Verify("TensorCores", run.Files.ToDictionary(f => f.Key["TensorCore".Length..^".g.cs".Length], f => f.Value));
    }

    [Theory]
    [InlineData("64, 64, 48, 3, 2, 2", "tileK must be 16, 32 or 64")]
    [InlineData("64, 64, 32, 1, 2, 2", "at least two stages are needed")]
    [InlineData("64, 64, 32, 3, 0, 2", "at least one warp is needed in each direction")]
    [InlineData("64, 64, 32, 3, 8, 8", "2048 threads are more than a group has")]
    [InlineData("96, 64, 32, 3, 2, 2", "tileM must be a power of two and give each warp multiples of 16 rows")]
    [InlineData("64, 32, 32, 3, 2, 4", "tileN must be a power of two and give each warp multiples of 16 columns")]
    [InlineData("32, 64, 16, 3, 2, 4", "the threads do not share the loads of a tile evenly")]
    [InlineData("128, 128, 32, 4, 2, 4", "65536 bytes of shared memory are needed, CUDA allows 49152")]
    [InlineData("64, 64, 32, 3, 2, 2, epilogue: Graph.ProductEpilogue.GatedPairs, sumsSamples: true", "pairs of columns go neither with samples nor with a ragged B")]
    [InlineData("64, 64, 32, 3, 2, 2, epilogue: Graph.ProductEpilogue.NormalizedRows, sumsSamples: true", "whole rows do not go with samples")]
    public void Sizes_that_do_not_go_together_are_an_error_of_the_compiler(string sizes, string message)
    {
        var run = GeneratorRun.OfTensorCores($"[Graph.TensorCoreProduct(\"Kernel\", Graph.ProductLayout.NT, {sizes})] internal static partial class Tested;");
        var error = Assert.Single(run.Output.GetDiagnostics(TestContext.Current.CancellationToken), d => d.Severity == DiagnosticSeverity.Error);
        Assert.Equal($"#error: 'TensorCoreProduct Kernel: {message}'", error.GetMessage(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void An_attention_of_another_width_is_an_error_of_the_compiler()
    {
        var run = GeneratorRun.OfTensorCores("[Graph.TensorCoreAttention(\"Kernel\", 48)] internal static partial class Tested;");
        var error = Assert.Single(run.Output.GetDiagnostics(TestContext.Current.CancellationToken), d => d.Severity == DiagnosticSeverity.Error);
        Assert.Equal("#error: 'TensorCoreAttention Kernel: headWidth must be 32 or 64'", error.GetMessage(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Unrelated_edit_emits_nothing()
    {
        var first = GeneratorRun.OfTensorCores(Repository.Read(Shipped), "class Unrelated { int Now() => 1; }");
        var second = first.Edit(c => c.ReplaceSyntaxTree(c.SyntaxTrees.Last(), GeneratorRun.Tree("class Unrelated { int Now() => 2; }")));
        var reasons = second.Result.TrackedSteps[StepNames.Read].SelectMany(s => s.Outputs).Select(o => o.Reason).ToList();
        Assert.NotEmpty(reasons);
        Assert.All(reasons, reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{reason}"));
    }
}
