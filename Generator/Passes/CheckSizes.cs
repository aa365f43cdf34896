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
            foreach (var loop in graph.Phases.SelectMany(p => p.Loops))
            {
                if (DimParser.Parse(loop.Count, out var count, out _))
                {
                    var turns = Check(size, bound, "loop " + loop.Name, count);
                    CheckGradient(size, bound, loop, turns);
                }
            }

            // The batch is a dim of shapes; no loop is counted by it.
            bound["b"] = 1;
            foreach (var operand in graph.Phases.SelectMany(p => p.Forward).SelectMany(i => i.Writes.Concat(i.Reads)))
            {
                foreach (var dim in operand.Value.Shape)
                {
                    Check(size, bound, operand.Value.Name, dim);
                }
            }

            foreach (var parameter in graph.Parameters)
            {
                foreach (var dim in parameter.Shape)
                {
                    Check(size, bound, parameter.Name, dim);
                }
            }
        }
    }

    /// <summary>At least one turn of a loop carries gradient, and no more than it has.</summary>
    private static void CheckGradient(SizeSpec size, Dictionary<string, long> bound, LoopSpec loop, long turns)
    {
        if (loop.Gradient.Length > 0 && DimParser.Parse(loop.Gradient, out var gradient, out _)
            && Check(size, bound, "loop " + loop.Name, gradient) is var carry && (carry < 1 || carry > turns))
        {
            throw new CompileException(Problem.Of("GRAPH029", "loop:" + loop.Name, loop.Name, loop.Gradient, FormattableString.Invariant($"is {carry} in size {size.Name}, outside 1 .. {turns}")));
        }
    }

    private static long Check(SizeSpec size, Dictionary<string, long> bound, string what, DimExpr dim)
    {
        var missing = dim.Names.FirstOrDefault(n => !bound.ContainsKey(n));
        if (missing is not null)
        {
            throw new CompileException(Problem.Of("GRAPH041", "size:" + size.Name, missing, size.Name));
        }

        if (dim.Evaluate(bound, out _) is not { } value)
        {
            throw new CompileException(Problem.Of("GRAPH043", "size:" + size.Name, size.Name, dim.ToString(), what));
        }

        if (value is < 0 or > int.MaxValue)
        {
            throw new CompileException(Problem.Of("GRAPH045", "size:" + size.Name, size.Name, what, value.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        return value;
    }
}
