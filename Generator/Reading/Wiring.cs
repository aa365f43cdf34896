using Graph.Generator.Specs;

namespace Graph.Generator.Reading;

internal static class Wiring
{
    public static IReadOnlyList<string> Inputs(NodeSpec node, string? previousNode, OperatorSpec op)
    {
        var inputs = new List<string>();
        var rule = op.Inputs.Where(i => !op.Parameters.Any(p => p.Name == i.Name)).ToList();
        for (var i = 0; i < rule.Count; i++)
        {
            var name = node.Text(rule[i].Name) ?? (i == 0 ? node.Text("from") ?? previousNode : i == 1 ? node.Text("with") : null);
            if (name is not null)
            {
                inputs.Add(name);
            }
        }

        return inputs;
    }
}
