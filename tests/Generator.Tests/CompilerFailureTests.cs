using Graph.Generator.Support;

namespace Graph.Generator.Tests;

/// <summary>A bug of ours is one message on the model's name; without GRAPH099 the compiler would say CS8785 and drop every model's files.</summary>
public sealed class CompilerFailureTests
{
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
