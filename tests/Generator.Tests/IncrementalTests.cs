using Microsoft.CodeAnalysis;

namespace Graph.Generator.Tests;

/// <summary>An edit re-runs what it touches and nothing else; nobody warns when that is lost (anchors 7, G1).</summary>
public sealed class IncrementalTests
{
    private static readonly string[] Steps = [StepNames.Read, StepNames.Compile, StepNames.Files];

    [Fact]
    public void Unrelated_edit_emits_nothing()
    {
        var first = GeneratorRun.Of(TestModels.Of("[SiLU] public Node y;"), "class Unrelated { int Now() => 1; }");
        var second = first.Edit(c => c.ReplaceSyntaxTree(c.SyntaxTrees.Last(), GeneratorRun.Tree("class Unrelated { int Now() => 2; int Later() => 3; }")));
        foreach (var step in Steps)
        {
            var reasons = Reasons(second, step).Select(r => r.Reason).ToList();
            Assert.NotEmpty(reasons);
            Assert.All(reasons, reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{step}: {reason}"));
        }

        Assert.Equal(first.Files, second.Files);
    }

    [Fact]
    public void Body_of_an_operator_is_not_read()
    {
        var source = TestModels.Of("[SiLU] public Node y;");
        var first = GeneratorRun.Of(source);
        var second = first.Edit(c => c.ReplaceSyntaxTree(c.SyntaxTrees.First(), GeneratorRun.Tree(source + "\n// A comment behind the model.\n")));
        Assert.All(Reasons(second, StepNames.Read), r => Assert.Equal(IncrementalStepRunReason.Unchanged, r.Reason));
        Assert.All(Reasons(second, StepNames.Files), r => Assert.Equal(IncrementalStepRunReason.Cached, r.Reason));
    }

    [Fact]
    public void Edit_of_one_model_emits_only_its_files()
    {
        var first = GeneratorRun.Of(TestModels.Of("[SiLU] public Node y;", name: "One"), TestModels.Of("[SiLU] public Node y;", name: "Two"));
        var second = first.Edit(c => c.ReplaceSyntaxTree(c.SyntaxTrees.Last(), GeneratorRun.Tree(TestModels.Of("[Softplus] public Node y;", name: "Two"))));
        var emitted = Reasons(second, StepNames.Files)
            .Where(r => r.Reason is not (IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged))
            .Select(r => ((Emit.GeneratedFile)r.Value).Hint).ToList();
        Assert.Contains("Tested.Two.Small.Kernels.g.cs".Replace("Small", "Two", StringComparison.Ordinal), emitted);
        Assert.All(emitted, hint => Assert.StartsWith("Tested.Two.", hint, StringComparison.Ordinal));

        // Of the edited model, what does not depend on the operator stays: the sizes, for one.
        Assert.DoesNotContain("Tested.Two.Sizes.g.cs", emitted);
    }

    [Fact]
    public void Specs_of_equal_text_are_equal_and_of_other_text_are_not()
    {
        var source = TestModels.Of("[Call<Graph.Models.TrmAttentionBlock>(layers: 2)] public Node y;");
        var (a, b) = (Specs.Of(source), Specs.Of(source));
        Assert.NotSame(a, b);
        Assert.Equal(a, b);
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
        Assert.NotEqual(a, Specs.Of(source.Replace("layers: 2", "layers: 3", StringComparison.Ordinal)));
        Assert.NotEqual(a, Specs.Of(source.Replace("t = 24", "t = 25", StringComparison.Ordinal)));
        Assert.Equal(ModelCompiler.Compile(a), ModelCompiler.Compile(b));
    }

    private static IEnumerable<(object Value, IncrementalStepRunReason Reason)> Reasons(GeneratorRun run, string step) =>
        run.Result.TrackedSteps[step].SelectMany(s => s.Outputs);
}
