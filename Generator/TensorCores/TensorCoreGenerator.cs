using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Graph.Generator.TensorCores;

/// <summary>
/// The pipelines of tensor-core kernels: one <c>[TensorCoreProduct]</c> or <c>[TensorCoreAttention]</c>, one file. Apart from the models' generator, because it serves the
/// runtime itself, which has no models.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class TensorCoreGenerator : IIncrementalGenerator
{
    private const string Attention = "Graph.TensorCoreAttentionAttribute";
    private const string Product = "Graph.TensorCoreProductAttribute";

    private static readonly Encoding WithoutMark = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var products = context.SyntaxProvider
            .ForAttributeWithMetadataName(Product, static (node, _) => node is ClassDeclarationSyntax, TensorCoreReader.Products)
            .SelectMany(static (specs, _) => specs)
            .WithTrackingName(StepNames.Read);
        context.RegisterSourceOutput(products, static (output, spec) => output.AddSource(spec.Hint, SourceText.From(ProductEmitter.Emit(spec), WithoutMark)));

        var attentions = context.SyntaxProvider
            .ForAttributeWithMetadataName(Attention, static (node, _) => node is ClassDeclarationSyntax, TensorCoreReader.Attentions)
            .SelectMany(static (specs, _) => specs);
        context.RegisterSourceOutput(attentions, static (output, spec) => output.AddSource(spec.Hint, SourceText.From(AttentionEmitter.Emit(spec), WithoutMark)));
    }
}
