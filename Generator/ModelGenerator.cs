using System.Text;
using Graph.Generator.Diagnostics;
using Graph.Generator.Reading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Graph.Generator;

/// <summary>The pipeline and nothing else (anchors 3.3). Problems travel beside the files and get their locations on a second pipeline.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ModelGenerator : IIncrementalGenerator
{
    private const string Model = "Graph.ModelAttribute";

    /// <summary>UTF-8 without a byte order mark: the files on disk are what the snapshots show.</summary>
    private static readonly Encoding WithoutMark = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var compiled = context.SyntaxProvider
            .ForAttributeWithMetadataName(Model, static (node, _) => node is ClassDeclarationSyntax, ModelReader.Read)
            .WithTrackingName(StepNames.Read)
            .Select(static (spec, _) => (spec.Key, Compiled: ModelCompiler.Compile(spec)))
            .WithTrackingName(StepNames.Compile);

        context.RegisterSourceOutput(
            compiled.SelectMany(static (model, _) => model.Compiled.Files).WithTrackingName(StepNames.Files),
            static (output, file) => output.AddSource(file.Hint, SourceText.From(file.Text, WithoutMark)));

        var places = context.SyntaxProvider.ForAttributeWithMetadataName(Model, static (node, _) => node is ClassDeclarationSyntax, LocationReader.Read);
        var problems = compiled.Select(static (model, _) => (model.Key, model.Compiled.Problems)).Collect();
        context.RegisterSourceOutput(places.Combine(problems), static (output, pair) =>
        {
            // What makes both readers fail is one bug.
            var problems = pair.Right.Where(m => m.Key == pair.Left.Model).SelectMany(m => m.Problems).ToList();
            if (pair.Left.Failure is { } failure && problems.All(p => p.Id != failure.Id))
            {
                problems.Add(failure);
            }

            foreach (var problem in problems)
            {
                output.ReportDiagnostic(Descriptors.Diagnostic(problem, pair.Left.Find(problem.Path)));
            }
        });
    }
}
