using System.Collections.Immutable;
using Basic.Reference.Assemblies;
using Graph.Execution;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Graph.Generator.Tests;

/// <summary>The generator over source text, with what a user's project references.</summary>
internal sealed class GeneratorRun
{
    private static readonly CSharpParseOptions Parse = new(LanguageVersion.CSharp14);

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. Net100.References.All,
        MetadataReference.CreateFromFile(typeof(Node).Assembly.Location),
        MetadataReference.CreateFromFile(System.Reflection.Assembly.Load("ILGPU").Location),
        MetadataReference.CreateFromFile(typeof(Models.TrmAttentionBlock).Assembly.Location),
    ];

    private GeneratorRun(Compilation input, Compilation output, GeneratorDriver driver)
    {
        Input = input;
        Output = output;
        Driver = driver;
        Result = driver.GetRunResult().Results.Single();
    }

    public Compilation Input { get; }

    /// <summary>The input with every emitted file.</summary>
    public Compilation Output { get; }

    public GeneratorDriver Driver { get; }

    public GeneratorRunResult Result { get; }

    /// <summary>Emitted texts by hint.</summary>
    public IReadOnlyDictionary<string, string> Files => Result.GeneratedSources.ToDictionary(s => s.HintName, s => s.SourceText.ToString());

    /// <summary>What the generator reported.</summary>
    public ImmutableArray<Diagnostic> Reported => Result.Diagnostics;

    public static GeneratorRun Of(params string[] sources) => Of(Parse.LanguageVersion, [], sources);

    /// <param name="version">Of the user's project.</param>
    /// <param name="enabled">Diagnostics that are off by default.</param>
    /// <param name="sources">One text for each file.</param>
    public static GeneratorRun Of(LanguageVersion version, string[] enabled, params string[] sources) => Of(new ModelGenerator(), version, enabled, sources);

    /// <summary>The generator of tensor-core products over source text.</summary>
    public static GeneratorRun OfTensorCores(params string[] sources) => Of(new TensorCores.TensorCoreGenerator(), Parse.LanguageVersion, [], sources);

    private static GeneratorRun Of(IIncrementalGenerator generator, LanguageVersion version, string[] enabled, string[] sources)
    {
        var parse = Parse.WithLanguageVersion(version);
        var trees = sources.Select((text, i) => CSharpSyntaxTree.ParseText(text, parse, $"Source{i}.cs", cancellationToken: TestContext.Current.CancellationToken));
        var input = CSharpCompilation.Create(
            "Tested", trees, References, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)
                .WithSpecificDiagnosticOptions([new("CS1701", ReportDiagnostic.Suppress), .. enabled.Select(id => KeyValuePair.Create(id, ReportDiagnostic.Info))])); // The SDK suppresses it too: ILGPU was built against an older System.Runtime.
        return Run(input, CSharpGeneratorDriver.Create(
            [generator.AsSourceGenerator()], parseOptions: parse, driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true)));
    }

    /// <summary>The same driver again after an edit of the input.</summary>
    public GeneratorRun Edit(Func<Compilation, Compilation> edit) => Run(edit(Input), Driver);

    public static SyntaxTree Tree(string text) => CSharpSyntaxTree.ParseText(text, Parse, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Errors and warnings of the compiler on everything, emitted code included.</summary>
    public IEnumerable<Diagnostic> Compiler()
    {
        using var stream = new MemoryStream();
        return Output.Emit(stream, cancellationToken: TestContext.Current.CancellationToken).Diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning);
    }

    /// <summary>Its errors where everything is compiled as another version of the language.</summary>
    public IEnumerable<Diagnostic> Errors(LanguageVersion version) => Output
        .RemoveAllSyntaxTrees()
        .AddSyntaxTrees(Output.SyntaxTrees.Select(t => CSharpSyntaxTree.ParseText(t.GetText(), Parse.WithLanguageVersion(version), t.FilePath, TestContext.Current.CancellationToken)))
        .GetDiagnostics(TestContext.Current.CancellationToken).Where(d => d.Severity == DiagnosticSeverity.Error);

    /// <summary>The emitted program of <c>Tested.Small.Tiny</c>, loaded.</summary>
    public RecursiveModel Load(int batch, int threads)
    {
        Assert.Empty(Reported);
        using var stream = new MemoryStream();
        Assert.True(Output.Emit(stream, cancellationToken: TestContext.Current.CancellationToken).Success);
        var create = System.Reflection.Assembly.Load(stream.ToArray()).GetType("Tested.Small+Tiny")!.GetMethod("Create")!;
        return (RecursiveModel)create.Invoke(null, [batch, threads, 0, null])!;
    }

    private static GeneratorRun Run(Compilation input, GeneratorDriver driver)
    {
        driver = driver.RunGeneratorsAndUpdateCompilation(input, out var output, out _, TestContext.Current.CancellationToken);
        return new GeneratorRun(input, output, driver);
    }
}
