using System.Globalization;
using Graph.Generator.Reading;
using Graph.Generator.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Graph.Generator.TensorCores;

/// <summary>Attributes of a class to specs. Symbols end here.</summary>
internal static class TensorCoreReader
{
    public static EquatableArray<ProductSpec> Products(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var (space, declared, type) = Target(context);
        return context.Attributes.Select(attribute => Read(attribute, space, declared, type)).ToEquatable();
    }

    public static EquatableArray<AttentionSpec> Attentions(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var (space, declared, type) = Target(context);
        return context.Attributes.Select(attribute =>
        {
            var values = Values(attribute);
            return new AttentionSpec(space, declared, type, Text(values, "kernel"), Number(values, "headWidth"), Text(values, "part"));
        }).ToEquatable();
    }

    private static (string Namespace, string Declaration, string Name) Target(GeneratorAttributeSyntaxContext context)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        return (space, $"{SyntaxFacts.GetText(type.DeclaredAccessibility)} static partial class {type.Name}", type.Name);
    }

    private static ProductSpec Read(AttributeData attribute, string space, string declared, string type)
    {
        var values = Values(attribute);
        return new ProductSpec(
            space,
            declared,
            type,
            Text(values, "kernel"),
            Text(values, "layout"),
            Number(values, "tileM"),
            Number(values, "tileN"),
            Number(values, "tileK"),
            Number(values, "stages"),
            Number(values, "warpsM"),
            Number(values, "warpsN"))
        {
            LeftForm = Text(values, "left"),
            RightForm = Text(values, "right"),
            Epilogue = Text(values, "epilogue"),
            SumsSamples = Text(values, "sumsSamples") == "true",
        };
    }

    private static Dictionary<string, string> Values(AttributeData attribute) => AttributeValues.Of(attribute).ToDictionary(a => a.Name, a => a.Value);

    private static string Text(Dictionary<string, string> values, string name) => values.TryGetValue(name, out var value) ? value : "";

    /// <summary>While an attribute is being typed it has gaps: 0.</summary>
    private static int Number(Dictionary<string, string> values, string name) =>
        int.TryParse(Text(values, name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : 0;
}
