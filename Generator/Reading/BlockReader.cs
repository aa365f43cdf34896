using Graph.Generator.Specs;
using Graph.Generator.Support;
using Microsoft.CodeAnalysis;

namespace Graph.Generator.Reading;

/// <summary>Fields of a class, in order -> <see cref="NodeSpec"/>s; follows calls and composites into their blocks.</summary>
internal sealed class BlockReader(IAssemblySymbol assembly)
{
    public List<Problem> Problems { get; } = [];

    public Dictionary<string, BlockSpec> Blocks { get; } = [];

    public Dictionary<string, OperatorSpec> Operators { get; } = [];

    /// <param name="type">Block or model.</param>
    /// <param name="prefix">Empty for the model, else the block's name: where problems are reported.</param>
    /// <param name="cancellation">Checked between nodes.</param>
    public List<NodeSpec> Nodes(INamedTypeSymbol type, string prefix, CancellationToken cancellation)
    {
        var nodes = new List<NodeSpec>();
        var seen = new HashSet<string>();
        SyntaxTree? file = null;
        foreach (var field in type.GetMembers().OfType<IFieldSymbol>().Where(f => f.Type.Name == "Node" && f.Type.ContainingNamespace.Name == "Graph"))
        {
            cancellation.ThrowIfCancellationRequested();
            var place = prefix.Length == 0 ? field.Name : prefix + "." + field.Name;
            var attributes = field.GetAttributes().Where(a => Inherits(a.AttributeClass, "NodeAttribute")).ToList();
            if (attributes.Count != 1)
            {
                Problems.Add(Problem.Of(attributes.Count == 0 ? "GRAPH004" : "GRAPH003", place, field.Name));
                seen.Add(field.Name);
                continue;
            }

            if (field.DeclaredAccessibility != Accessibility.Public)
            {
                Problems.Add(Problem.Of("GRAPH007", place, field.Name, type.Name));
            }

            var declared = field.DeclaringSyntaxReferences.FirstOrDefault();
            if (declared is not null)
            {
                file ??= declared.SyntaxTree;
                if (declared.SyntaxTree != file)
                {
                    Problems.Add(Problem.Of("GRAPH006", place, type.Name));
                }
            }

            if (Node(field, attributes[0], place, cancellation) is { } node)
            {
                CheckWiring(node, nodes.Count > 0 ? nodes[nodes.Count - 1].Name : null, seen, type, place);
                nodes.Add(node);
            }

            // A node with a problem of its own counts as declared: the nodes that read it are not at fault.
            seen.Add(field.Name);
        }

        if (Problems.Count == 0 && nodes.Any(n => n.IsOutput || n.LossWeight is not null))
        {
            ReportUnused(nodes, prefix);
        }

        return nodes;
    }

    /// <summary>A node that nothing reads and nobody asked for is computed in vain (a warning; compilation goes on).</summary>
    private void ReportUnused(List<NodeSpec> nodes, string prefix)
    {
        var used = new HashSet<string>();
        for (var i = 0; i < nodes.Count; i++)
        {
            var previous = i > 0 ? nodes[i - 1].Name : null;
            var wires = nodes[i].Kind == NodeKind.Operator ? Wiring.Inputs(nodes[i], previous, Operators[nodes[i].Target]) : Wiring.Named(nodes[i]);
            used.UnionWith(wires.Select(w => w.Node.Split('.')[0]));
            if (previous is not null && nodes[i].Kind is (NodeKind.Call or NodeKind.Composite or NodeKind.Columns) && nodes[i].Text("from") is null)
            {
                used.Add(previous);
            }
        }

        foreach (var node in nodes.Where(n => !used.Contains(n.Name) && n is { IsOutput: false, LossWeight: null, Updates: "", Kind: not (NodeKind.Input or NodeKind.State) }))
        {
            Problems.Add(Problem.Of("GRAPH009", prefix.Length == 0 ? node.Name : prefix + "." + node.Name, node.Name));
        }
    }

    private NodeSpec? Node(IFieldSymbol field, AttributeData attribute, string place, CancellationToken cancellation)
    {
        var kind = attribute.AttributeClass!.Name switch
        {
            "InputAttribute" => NodeKind.Input,
            "StateAttribute" => NodeKind.State,
            "CallAttribute" => NodeKind.Call,
            "ColumnsAttribute" => NodeKind.Columns,
            _ when Inherits(attribute.AttributeClass, "CompositeAttribute") => NodeKind.Composite,
            _ => NodeKind.Operator,
        };
        var target = "";
        if (kind is NodeKind.Call or NodeKind.Composite)
        {
            var block = TypeArgument(attribute.AttributeClass, kind == NodeKind.Call ? "CallAttribute" : "CompositeAttribute");
            target = Block(block!, cancellation);
        }
        else if (kind == NodeKind.Operator)
        {
            if (TypeArgument(attribute.AttributeClass, "OperatorAttribute") is not { } type || Operator(type, place) is not { } key)
            {
                return null;
            }

            target = key;
        }

        var others = field.GetAttributes();
        var loss = others.FirstOrDefault(a => a.AttributeClass?.Name == "LossAttribute");
        return new NodeSpec(
            field.Name,
            kind,
            target,
            AttributeValues.Of(attribute).ToEquatable(),
            others.Any(a => a.AttributeClass?.Name == "OutputAttribute"),
            loss is null ? null : double.Parse(AttributeValues.Text(loss, "weight") ?? "1", System.Globalization.CultureInfo.InvariantCulture),
            Value(others, "InAttribute", "path"),
            Value(others, "UpdatesAttribute", "state"));
    }

    private static string Value(IEnumerable<AttributeData> attributes, string name, string parameter) =>
        attributes.Where(a => a.AttributeClass?.Name == name).Select(a => AttributeValues.Text(a, parameter)).FirstOrDefault() ?? "";

    private string Block(INamedTypeSymbol type, CancellationToken cancellation)
    {
        var key = type.ToDisplayString();
        if (!Blocks.ContainsKey(key))
        {
            // Reserved first, so that a block that calls itself ends here; the compiler reports the cycle (GRAPH023).
            Blocks[key] = new BlockSpec(key, type.Name, EquatableArray<NodeSpec>.Empty);
            var nodes = Nodes(type, SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, assembly) ? type.Name : "", cancellation);
            var outputs = nodes.Count(n => n.IsOutput);
            if (outputs != 1)
            {
                Problems.Add(Problem.Of("GRAPH005", type.Name + ".", type.Name));
            }

            Blocks[key] = new BlockSpec(key, type.Name, nodes.ToEquatable());
        }

        return key;
    }

    private string? Operator(INamedTypeSymbol type, string place)
    {
        var key = type.ToDisplayString();
        if (!Operators.ContainsKey(key))
        {
            if (OperatorReader.Read(type, Problems, place) is not { } spec)
            {
                return null;
            }

            Operators[key] = spec;
        }

        return key;
    }

    /// <summary>Every name that refers to a node must be one declared before.</summary>
    private void CheckWiring(NodeSpec node, string? previous, HashSet<string> seen, INamedTypeSymbol type, string place)
    {
        var references = node.Kind == NodeKind.Operator
            ? Wiring.Inputs(node, previous, Operators[node.Target])
            : Wiring.Named(node);
        foreach (var wire in references)
        {
            Check(wire.Node, wire.Path(place));
        }

        if (node.Updates.Length > 0)
        {
            Check(node.Updates, place + "@Updates");
        }

        void Check(string reference, string path)
        {
            var name = reference.Split('.')[0];
            if (!seen.Contains(name))
            {
                var later = type.GetMembers(name).OfType<IFieldSymbol>().Any(f => f.Type.Name == "Node");
                Problems.Add(Problem.Of(later ? "GRAPH021" : "GRAPH020", path, node.Name, name));
            }
        }
    }

    private static bool Inherits(INamedTypeSymbol? type, string name)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.Name == name && type.ContainingNamespace.Name == "Graph")
            {
                return true;
            }
        }

        return false;
    }

    private static INamedTypeSymbol? TypeArgument(INamedTypeSymbol? type, string name)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.Name == name && type.TypeArguments.Length == 1)
            {
                return type.TypeArguments[0] as INamedTypeSymbol;
            }
        }

        return null;
    }
}
