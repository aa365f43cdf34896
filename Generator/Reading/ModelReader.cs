using Graph.Generator.Specs;
using Graph.Generator.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Graph.Generator.Reading;

/// <summary>A <c>[Model]</c> class -> <see cref="ModelSpec"/> with every block and operator it needs. Symbols end here.</summary>
internal static class ModelReader
{
    /// <summary>Emitted code calls methods with <c>params</c> spans.</summary>
    private const LanguageVersion Needed = LanguageVersion.CSharp13;

    /// <summary>A bug of ours here is GRAPH099 of this model; without that it would be CS8785 and stop every model.</summary>
    public static ModelSpec Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        try
        {
            return Read(type, context, cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return new ModelSpec(
                Key(type),
                "",
                type.Name,
                "",
                EquatableArray<NodeSpec>.Empty,
                EquatableArray<SizeSpec>.Empty,
                EquatableArray<LoopSpec>.Empty,
                EquatableArray<BlockSpec>.Empty,
                EquatableArray<OperatorSpec>.Empty,
                new[] { Problem.Failure("read", type.Name, failure) }.ToEquatable());
        }
    }

    private static ModelSpec Read(INamedTypeSymbol type, GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var reader = new BlockReader(context.SemanticModel.Compilation.Assembly);
        var nodes = reader.Nodes(type, "", cancellation);
        CheckClass(type, reader.Problems);
        if (context.TargetNode.SyntaxTree.Options is CSharpParseOptions { LanguageVersion: < Needed and var version })
        {
            reader.Problems.Add(Problem.Of("GRAPH085", "", version.ToDisplayString(), Needed.ToDisplayString()));
        }

        var sizes = type.GetTypeMembers().Where(t => Has(t, "SizeAttribute")).Select(Size).ToList();
        if (sizes.Count == 0)
        {
            reader.Problems.Add(Problem.Of("GRAPH008", "", type.Name));
        }

        foreach (var size in type.GetTypeMembers().Where(t => Has(t, "SizeAttribute") && !IsPartial(t)))
        {
            reader.Problems.Add(Problem.Of("GRAPH001", "size:" + size.Name, size.Name));
        }

        var loops = type.GetAttributes().Where(a => a.AttributeClass?.Name == "LoopAttribute")
            .Select(a => new LoopSpec(AttributeValues.Text(a, "name") ?? "", AttributeValues.Text(a, "count") ?? "1", AttributeValues.Text(a, "inside") ?? "", AttributeValues.Text(a, "gradient") ?? ""));

        return new ModelSpec(
            Key(type),
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            type.Name,
            Modifiers(type),
            nodes.ToEquatable(),
            sizes.ToEquatable(),
            loops.ToEquatable(),
            reader.Blocks.Values.ToEquatable(),
            reader.Operators.Values.ToEquatable(),
            reader.Problems.Distinct().ToEquatable());
    }

    /// <summary>What tells models apart: namespace and name.</summary>
    internal static string Key(INamedTypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);

    private static bool Has(ISymbol symbol, string attribute) => symbol.GetAttributes().Any(a => a.AttributeClass?.Name == attribute);

    private static void CheckClass(INamedTypeSymbol type, List<Problem> problems)
    {
        if (!IsPartial(type))
        {
            problems.Add(Problem.Of("GRAPH001", "", type.Name));
        }

        if (type.IsGenericType || type.IsAbstract || type.IsStatic || type.IsRecord || type.ContainingType is not null)
        {
            problems.Add(Problem.Of("GRAPH002", "", type.Name));
        }
    }

    private static bool IsPartial(INamedTypeSymbol type) => type.DeclaringSyntaxReferences
        .All(r => r.GetSyntax() is TypeDeclarationSyntax declaration && declaration.Modifiers.Any(SyntaxKind.PartialKeyword));

    private static string Modifiers(INamedTypeSymbol type) =>
        SyntaxFacts.GetText(type.DeclaredAccessibility) + (type.IsStatic ? " static" : type.IsSealed ? " sealed" : "");

    private static SizeSpec Size(INamedTypeSymbol type) => new(
        type.Name,
        Modifiers(type),
        type.GetMembers().OfType<IFieldSymbol>().Where(f => f.HasConstantValue && f.Type.SpecialType is SpecialType.System_Int32)
            .Select(f => new DimValue(f.Name, (int)f.ConstantValue!)).ToEquatable());
}
