using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Specs;

namespace Graph.Generator.Passes;

/// <summary>Names visible to the nodes of one block instance.</summary>
internal sealed class Scope(string block, string identifiers, string parameters)
{
    /// <summary>Simple name of the block.</summary>
    public string Block { get; } = block;

    /// <summary>Prefix of value names.</summary>
    public string Identifiers { get; } = identifiers;

    /// <summary>Prefix of parameter names.</summary>
    public string ParameterPath { get; } = parameters;

    public Dictionary<string, Value> Values { get; } = [];

    /// <summary>Dims that the call or the composite binds: its arguments, <c>width</c>, <c>length</c>, <c>extent</c>.</summary>
    public Dictionary<string, DimExpr> Dims { get; } = [];

    /// <summary>Text arguments of a composite, such as its axis.</summary>
    public Dictionary<string, string> Texts { get; } = [];

    public string Identifier(string node) => Identifiers.Length == 0 ? node : Identifiers + "_" + node;

    public string Parameter(string part) => (ParameterPath, part) switch
    {
        ("", _) => part,
        (_, "") => ParameterPath,
        _ => ParameterPath + "." + part,
    };

    /// <summary>Where a problem of <paramref name="node"/> is reported.</summary>
    public string Place(NodeSpec node) => Identifiers.Length == 0 ? node.Name : Block + "." + node.Name;

    public string Text(string text) => Texts.TryGetValue(text, out var bound) ? bound : text;

    public DimExpr Dim(NodeSpec node, string text)
    {
        if (!DimParser.Parse(Text(text), out var parsed, out var column))
        {
            throw new CompileException(Problem.Of("GRAPH040", Place(node), text, column.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        return parsed.Substitute(Dims);
    }

    public IReadOnlyList<DimExpr> Shape(NodeSpec node, string text)
    {
        if (!DimParser.ParseShape(text, out var dims, out var column))
        {
            throw new CompileException(Problem.Of("GRAPH040", Place(node), text, column.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        return [.. dims.Select(d => d.Substitute(Dims))];
    }

    public Value Find(NodeSpec node, string name) =>
        Values.TryGetValue(name, out var value) ? value : throw new CompileException(Problem.Of("GRAPH020", Place(node), node.Name, name));
}
