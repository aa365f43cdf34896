using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Specs;

namespace Graph.Generator.Passes;

/// <summary>Stage 3, second half: each size numerically. Unbound dims, inexact divisions, and tensors beyond the plan.</summary>
internal static class CheckSizes
{
    public static void Run(ModelGraph graph)
    {
        foreach (var size in graph.Spec.Sizes)
        {
            var bound = size.Dims.ToDictionary(d => d.Name, d => d.Value);
            bound["b"] = 1;
            foreach (var operand in graph.Phases.SelectMany(p => p.Forward).SelectMany(i => i.Writes.Concat(i.Reads)))
            {
                foreach (var dim in operand.Value.Shape)
                {
                    Check(graph, size, bound, operand.Value.Name, dim);
                }
            }

            foreach (var parameter in graph.Parameters)
            {
                foreach (var dim in parameter.Shape)
                {
                    Check(graph, size, bound, parameter.Name, dim);
                }
            }
        }
    }

    private static void Check(ModelGraph graph, SizeSpec size, Dictionary<string, long> bound, string what, DimExpr dim)
    {
        var missing = dim.Names.FirstOrDefault(n => !bound.ContainsKey(n));
        if (missing is not null)
        {
            throw new CompileException(Problem.Of("GRAPH041", "", missing, size.Name));
        }

        if (dim.Evaluate(bound, out _) is not { } value)
        {
            throw new CompileException(Problem.Of("GRAPH043", "", size.Name, dim.ToString(), what));
        }

        if (value is < 0 or > int.MaxValue)
        {
            throw new CompileException(Problem.Of("GRAPH045", "", size.Name, what, value.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        _ = graph;
    }
}
