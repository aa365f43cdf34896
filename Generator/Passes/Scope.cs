using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Reading;
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

    /// <summary>The dim in attribute argument <paramref name="argument"/> of <paramref name="node"/>.</summary>
    public DimExpr Dim(NodeSpec node, string argument)
    {
        var text = Text(node.Text(argument) ?? "");
        return DimParser.Parse(text, out var parsed, out var column) ? parsed.Substitute(Dims) : throw Unparsed(node, argument, text, column);
    }

    public IReadOnlyList<DimExpr> Shape(NodeSpec node)
    {
        var text = node.Text("shape") ?? "";
        return DimParser.ParseShape(text, out var dims, out var column) ? [.. dims.Select(d => d.Substitute(Dims))] : throw Unparsed(node, "shape", text, column);
    }

    public Value Find(NodeSpec node, Wire wire) =>
        Values.TryGetValue(wire.Node, out var value) ? value : throw new CompileException(Problem.Of("GRAPH020", wire.Path(Place(node)), node.Name, wire.Node));

    /// <summary>The first input: the argument <c>from</c>, or the previous node.</summary>
    public Value First(NodeSpec node, string? previous) =>
        Find(node, node.Text("from") is { } from ? new Wire(from, "from") : new Wire(previous ?? "", ""));

    private CompileException Unparsed(NodeSpec node, string argument, string text, int column) =>
        new(Problem.Of("GRAPH040", Place(node) + ":" + argument, text, column.ToString(System.Globalization.CultureInfo.InvariantCulture)));
}
