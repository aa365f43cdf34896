using Graph.Generator.Support;

namespace Graph.Generator.Tests;

/// <summary>A bug of ours is one message on the model's name; without GRAPH099 the compiler would say CS8785 and drop every model's files.</summary>
public sealed class CompilerFailureTests
{
    /// <summary>Attribute arguments that the compiler accepts and no reader foresees.</summary>
    [Theory]
    [InlineData("[Call<int[]>] public Node y;")]
    [InlineData("[Half] public Node y;")]
    public void Exception_in_the_reader_is_one_message_and_other_models_compile_on(string nodes)
    {
        var run = GeneratorRun.Of(
            TestModels.Of(nodes, """
                [Operator("x: b t n -> y: b t n")] public readonly struct HalfOf : ITileOperator { [Launch((Pass)7, "b")] public static void Run(long unit, Graph.Execution.Ref x, Graph.Execution.Ref y) { } }
                public sealed class HalfAttribute : OperatorAttribute<HalfOf>;
                """, name: "Broken"),
            TestModels.Of("[SiLU] public Node y;", name: "Sound"));
        Assert.Null(run.Result.Exception);
        var problem = Assert.Single(run.Reported);
        Assert.Equal("GRAPH099", problem.Id);
        Assert.StartsWith("Internal error in pass read of Broken: ", problem.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("Broken", problem.Location.SourceTree!.GetText(TestContext.Current.CancellationToken).ToString(problem.Location.SourceSpan));
        Assert.NotEmpty(run.Files);
        Assert.All(run.Files.Keys, hint => Assert.StartsWith("Tested.Sound.", hint, StringComparison.Ordinal));
    }

    [Fact]
    public void Exception_in_a_pass_names_the_pass_and_the_model()
    {
        // A specification that the reader cannot make: its nodes name operators that it does not hold.
        var broken = Specs.Of(TestModels.Of("[SiLU] public Node y;")) with { Operators = EquatableArray<Generator.Specs.OperatorSpec>.Empty };
        var compiled = ModelCompiler.Compile(broken);
        var problem = Assert.Single(compiled.Problems);
        Assert.Equal("GRAPH099", problem.Id);
        Assert.Equal("", problem.Path);
        Assert.Equal("build", problem.Arguments[0]);
        Assert.Equal("Small", problem.Arguments[1]);
        Assert.Empty(compiled.Files);
        Assert.StartsWith("Internal error in pass build of Small: ", Diagnostics.Descriptors.Diagnostic(problem, Microsoft.CodeAnalysis.Location.None).GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }
}
