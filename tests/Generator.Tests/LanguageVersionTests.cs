using Microsoft.CodeAnalysis.CSharp;

namespace Graph.Generator.Tests;

/// <summary>GRAPH085 names the oldest C# that compiles what is emitted: neither a newer one than needed nor one that fails.</summary>
public sealed class LanguageVersionTests
{
    private const string Nodes = """
        [Call<Graph.Models.TrmAttentionBlock>] public Node a;
        [Call<Graph.Models.TrmMlpTBlock>] public Node c;
        [Call<Graph.Models.Mamba2Mixer>] public Node y;
        """;

    [Fact]
    public void Emitted_code_compiles_as_the_oldest_version_accepted() =>
        Assert.Empty(GeneratorRun.Of(TestModels.Of(Nodes)).Errors(LanguageVersion.CSharp13));

    [Fact]
    public void Emitted_code_does_not_compile_as_the_version_before()
    {
        var errors = GeneratorRun.Of(TestModels.Of(Nodes)).Errors(LanguageVersion.CSharp12).ToList();
        Assert.NotEmpty(errors);
        Assert.All(errors, e => Assert.EndsWith(".g.cs", e.Location.SourceTree!.FilePath, StringComparison.Ordinal));
    }

    [Fact]
    public void Oldest_version_accepted_is_not_reported()
    {
        var run = GeneratorRun.Of(LanguageVersion.CSharp13, [], TestModels.Of(Nodes));
        Assert.Empty(run.Reported);
        Assert.Empty(run.Compiler());
    }
}
