using System.Globalization;
using Graph.Generator.Reading;
using Graph.Generator.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Graph.Generator.TensorCores;

/// <summary>Attributes of a class to specs. Symbols end here.</summary>
internal static class TensorCoreReader
{
    public static EquatableArray<ProductSpec> Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        var declared = $"{SyntaxFacts.GetText(type.DeclaredAccessibility)} static partial class {type.Name}";
        return context.Attributes.Select(attribute => Read(attribute, space, declared, type.Name)).ToEquatable();
    }

    private static ProductSpec Read(AttributeData attribute, string space, string declared, string type)
    {
        var values = AttributeValues.Of(attribute).ToDictionary(a => a.Name, a => a.Value);
        return new ProductSpec(space, declared, type, Text("kernel"), Text("layout"), Number("tileM"), Number("tileN"), Number("tileK"), Number("stages"), Number("warpsM"), Number("warpsN"))
        {
            LeftIsCopied = Text("left") == "Bfloat16",
            RightIsCopied = Text("right") == "Bfloat16",
            Adds = Text("epilogue") == "Add",
        };

        string Text(string name) => values.TryGetValue(name, out var value) ? value : "";

        // While an attribute is being typed it has gaps.
        int Number(string name) => int.TryParse(Text(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }
}
