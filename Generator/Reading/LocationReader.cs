using Graph.Generator.Specs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Graph.Generator.Reading;

/// <summary>Where things of a model are in the source: the model's name, its nodes' attributes, and those of blocks in the same compilation.</summary>
/// <param name="Model">Full name.</param>
/// <param name="Name">The class's identifier.</param>
/// <param name="Places">Locations by problem path.</param>
/// <param name="Failure">A bug of ours while looking for them, or null.</param>
internal sealed record ModelLocations(string Model, Location Name, Dictionary<string, Location> Places, Problem? Failure)
{
    /// <summary>The place itself; else, for a default or omitted argument, the node's attribute; else the model's name.</summary>
    public Location Find(string path) => Places.TryGetValue(path, out var place) || Places.TryGetValue(path.Split(':', '@')[0], out place) ? place : Name;
}

/// <summary>The second pipeline: real locations, so that <c>#pragma warning disable</c> works (anchors 7, G4). Nothing is emitted from here.</summary>
internal static class LocationReader
{
    private static readonly string[] Markers = ["OutputAttribute", "LossAttribute", "InAttribute", "UpdatesAttribute"];

    public static ModelLocations Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var name = ((ClassDeclarationSyntax)context.TargetNode).Identifier.GetLocation();
        var places = new Dictionary<string, Location>();
        Problem? failed = null;
        try
        {
            Find(type, places, cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            failed = Problem.Failure("read", type.Name, failure);
        }

        places[""] = name;
        return new ModelLocations(ModelReader.Key(type), name, places, failed);
    }

    private static void Find(INamedTypeSymbol type, Dictionary<string, Location> places, CancellationToken cancellation)
    {
        Add(type, "", places, cancellation, []);
        foreach (var size in type.GetTypeMembers())
        {
            places["size:" + size.Name] = size.Locations[0];
        }

        foreach (var loop in type.GetAttributes().Where(a => a.AttributeClass?.Name == "LoopAttribute"))
        {
            if (loop.ApplicationSyntaxReference?.GetSyntax(cancellation) is AttributeSyntax syntax)
            {
                places["loop:" + AttributeValues.Text(loop, "name")] = syntax.GetLocation();
            }
        }
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
            var path = prefix + field.Name;
            places[path] = field.Locations[0];
            foreach (var attribute in field.GetAttributes())
            {
                if (attribute.ApplicationSyntaxReference?.GetSyntax(cancellation) is AttributeSyntax syntax)
                {
                    Add(attribute, syntax, path, places);
                }

                foreach (var block in Blocks(attribute.AttributeClass).Where(b => b.Locations.Any(l => l.IsInSource)))
                {
                    Add(block, block.Name + ".", places, cancellation, visited);
                }
            }
        }
    }

    /// <summary>The attribute, and each of its arguments under <c>node:parameter</c>; <c>[In]</c> and <c>[Updates]</c> under <c>node@In</c>, <c>node@Updates</c>.</summary>
    private static void Add(AttributeData attribute, AttributeSyntax syntax, string path, Dictionary<string, Location> places)
    {
        var name = attribute.AttributeClass?.Name ?? "";
        if (Markers.Contains(name))
        {
            places[path + "@" + name.Substring(0, name.Length - "Attribute".Length)] = syntax.GetLocation();
            return;
        }

        places[path] = syntax.GetLocation();
        var parameters = attribute.AttributeConstructor?.Parameters;
        var arguments = syntax.ArgumentList?.Arguments ?? default;
        for (var i = 0; i < arguments.Count; i++)
        {
            var parameter = arguments[i].NameColon?.Name.Identifier.ValueText ?? (i < parameters?.Length ? parameters.Value[i].Name : null);
            if (parameter is not null)
            {
                places[path + ":" + parameter] = arguments[i].Expression.GetLocation();
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
