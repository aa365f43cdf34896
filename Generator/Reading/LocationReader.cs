using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Graph.Generator.Reading;

/// <summary>Where things of a model are in the source: the model's name, its nodes' attributes, and those of blocks in the same compilation.</summary>
/// <param name="Model">Simple name.</param>
/// <param name="Name">The class's identifier.</param>
/// <param name="Places">Attribute lists by problem path.</param>
internal sealed record ModelLocations(string Model, Location Name, Dictionary<string, Location> Places)
{
    public Location Find(string path) => Places.TryGetValue(path, out var place) ? place : Name;
}

/// <summary>The second pipeline: real locations, so that <c>#pragma warning disable</c> works (anchors 7, G4). Nothing is emitted from here.</summary>
internal static class LocationReader
{
    public static ModelLocations Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var places = new Dictionary<string, Location>();
        Add(type, "", places, cancellation, []);
        foreach (var size in type.GetTypeMembers())
        {
            places["size:" + size.Name] = size.Locations[0];
        }

        return new ModelLocations(type.Name, ((ClassDeclarationSyntax)context.TargetNode).Identifier.GetLocation(), places);
    }

    private static void Add(INamedTypeSymbol type, string prefix, Dictionary<string, Location> places, CancellationToken cancellation, HashSet<string> visited)
    {
        if (!visited.Add(type.Name))
        {
            return;
        }

        places[prefix] = type.Locations[0];
        foreach (var field in type.GetMembers().OfType<IFieldSymbol>().Where(f => f.Type.Name == "Node"))
        {
            var attributes = field.GetAttributes();
            var attribute = attributes.FirstOrDefault(a => a.AttributeClass is { } c && c.Name is not ("OutputAttribute" or "LossAttribute" or "InAttribute" or "UpdatesAttribute"));
            places[prefix + field.Name] = attribute?.ApplicationSyntaxReference?.GetSyntax(cancellation).GetLocation() ?? field.Locations[0];
            foreach (var block in attributes.SelectMany(a => Blocks(a.AttributeClass)).Where(b => b.Locations.Any(l => l.IsInSource)))
            {
                Add(block, block.Name + ".", places, cancellation, visited);
            }
        }
    }

    private static IEnumerable<INamedTypeSymbol> Blocks(INamedTypeSymbol? attribute)
    {
        for (; attribute is not null; attribute = attribute.BaseType)
        {
            foreach (var argument in attribute.TypeArguments.OfType<INamedTypeSymbol>().Where(t => t.TypeKind == TypeKind.Class))
            {
                yield return argument;
            }
        }
    }
}
