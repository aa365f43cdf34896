using Graph.Generator.Specs;

namespace Graph.Generator.Reading;

/// <param name="Node">The node that an input is wired to.</param>
/// <param name="Argument">The attribute argument that says so; empty where the previous node is the default.</param>
internal readonly record struct Wire(string Node, string Argument)
{
    /// <summary>Where a problem of this wire of the node at <paramref name="place"/> is reported.</summary>
    public string Path(string place) => Argument.Length == 0 ? place : place + ":" + Argument;
}

internal static class Wiring
{
    /// <summary>Inputs of an operator node: by the operand's own name, else <c>from</c> (default: the previous node) and <c>with</c>.</summary>
    public static IReadOnlyList<Wire> Inputs(NodeSpec node, string? previousNode, OperatorSpec op)
    {
        var inputs = new List<Wire>();
        var rule = op.Inputs.Where(i => !op.Parameters.Any(p => p.Name == i.Name)).ToList();
        for (var i = 0; i < rule.Count; i++)
        {
            var reserved = i == 0 ? "from" : i == 1 ? "with" : "";
            if (node.Text(rule[i].Name) is { } own)
            {
                inputs.Add(new Wire(own, rule[i].Name));
            }
            else if (node.Text(reserved) is { } named)
            {
                inputs.Add(new Wire(named, reserved));
            }
            else if (i == 0 && previousNode is not null)
            {
                inputs.Add(new Wire(previousNode, ""));
            }
        }

        return inputs;
    }

    /// <summary>Inputs of a call, a composite or a view.</summary>
    public static IEnumerable<Wire> Named(NodeSpec node) =>
        new[] { "from", "with" }.Where(argument => node.Text(argument) is not null).Select(argument => new Wire(node.Text(argument)!, argument));
}
