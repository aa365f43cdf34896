using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Specs;

namespace Graph.Generator.Passes;

/// <summary>Before the reverse walk: which values carry gradient at all.</summary>
internal static class FindActive
{
    /// <summary>
    /// Values that depend on a parameter, on an input with gradient or on a state that was updated earlier in the turn
    /// that carries gradient. A state is constant where no update precedes: its carry is detached, as is what turns without gradient reach.
    /// </summary>
    /// <returns>The states that are active where each phase begins.</returns>
    public static Dictionary<Phase, HashSet<Value>> Run(ModelGraph graph, HashSet<Value> active)
    {
        var entry = new Dictionary<Phase, HashSet<Value>>();
        active.UnionWith(graph.Ports.Where(p => p.HasGradient).Select(p => p.Value));

        // What an operator without backward makes of an active value: to go on computing with it would lose the gradient unseen.
        var blocked = new Dictionary<Value, Instr>();
        foreach (var p in graph.Phases)
        {
            var states = new HashSet<Value>(graph.Phases
                .Where(q => graph.Phases.IndexOf(q) < graph.Phases.IndexOf(p) || (!p.Turns.Equals(DimExpr.Constant(1)) && q.Loops.SequenceEqual(p.Loops)))
                .SelectMany(q => q.Updates));
            entry[p] = states;
            foreach (var instr in p.Forward)
            {
                var differentiable = instr.Kind != InstrKind.Tile || instr.Operator!.Launches.Any(l => l.Backward);
                var lost = instr.Reads.FirstOrDefault(r => blocked.ContainsKey(r.Value.Root));
                if (lost is not null && differentiable && instr.Kind != InstrKind.Copy)
                {
                    var stopped = blocked[lost.Value.Root];
                    throw new CompileException(Problem.Of("GRAPH061", stopped.Place, stopped.Operator!.Name, stopped.Label));
                }

                if (instr.Parameters.Count > 0 || instr.Reads.Any(r => states.Contains(r.Value) || (!r.Value.IsState && active.Contains(r.Value.Root))))
                {
                    foreach (var written in instr.Writes.Where(w => !w.Value.IsState).Select(w => w.Value.Root))
                    {
                        if (differentiable)
                        {
                            active.Add(written);
                        }
                        else
                        {
                            blocked[written] = instr;
                        }
                    }
                }
            }
        }

        return entry;
    }
}
