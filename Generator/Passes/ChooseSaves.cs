using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Specs;

namespace Graph.Generator.Passes;

/// <summary>
/// Stage 5: which forward values are kept for backward, and which are computed again there. A value is recomputed when it
/// is cheap (pointwise, or a row operator whose statistic is kept) and everything it needs is kept anyway: that trades
/// a pass over cached rows for arena memory. <c>samples/Inspect</c> prints the choice.
/// </summary>
internal static class ChooseSaves
{
    public static void Run(ModelGraph graph)
    {
        foreach (var phase in graph.Phases)
        {
            Choose(phase);
            foreach (var instr in phase.Backward.Where(i => i.IsRecomputed))
            {
                graph.Notes.Add(Note(instr));
            }
        }
    }

    /// <summary>GRAPH082: the work of a recomputed value, and the memory that it saves.</summary>
    private static Problem Note(Instr instr)
    {
        var elements = instr.Write("y").PerSample;
        var flops = DimParser.Parse(instr.Operator!.Flops, out var each, out _) ? (each * elements).ToString() : "undeclared";
        return Problem.Of("GRAPH082", instr.Place, instr.Place, flops, (DimExpr.Constant(4) * elements).ToString());
    }

    private static void Choose(Phase phase)
    {
        var producers = new Dictionary<Value, Instr>();
        foreach (var instr in phase.Forward.Where(i => i.Kind != InstrKind.Copy))
        {
            foreach (var write in instr.Writes)
            {
                producers[write.Value] = instr;
            }
        }

        SaveStates(phase);
        var forward = new HashSet<Value>(producers.Keys);
        var needed = phase.Backward.SelectMany(i => i.Reads).Select(r => r.Value)
            .Where(v => forward.Contains(v.Root) || forward.Contains(v)).Distinct().ToList();

        var kept = new HashSet<Value>();
        var recomputed = new HashSet<Value>();
        foreach (var value in needed.Where(v => !IsCheap(v, producers)))
        {
            kept.Add(value.Root);
        }

        // In forward order, so that chains of cheap values resolve from their inputs on.
        foreach (var instr in phase.Forward.Where(i => i.Kind != InstrKind.Copy))
        {
            foreach (var value in instr.Writes.Select(w => w.Value).Where(v => needed.Contains(v) && !kept.Contains(v.Root)))
            {
                if (Available(value, producers, kept))
                {
                    recomputed.Add(value);
                }
                else
                {
                    kept.Add(value.Root);
                }
            }
        }

        Recompute(phase, producers, kept, recomputed);
        phase.Saved.AddRange(phase.Forward.SelectMany(i => i.Writes).Select(w => w.Value)
            .Where(v => kept.Contains(v) && !v.IsPersistent).Distinct());
    }

    /// <summary>A state is overwritten by the turn, so a backward that reads it needs a copy from the turn's start.</summary>
    private static void SaveStates(Phase phase)
    {
        foreach (var state in phase.Backward.SelectMany(i => i.Reads).Select(r => r.Value).Where(v => v.IsState).Distinct().ToList())
        {
            var copy = new Value(state.Name + "_before", state.Shape) { ShortName = state.ShortName + "_before" };
            phase.Forward.Insert(0, new Instr(InstrKind.Copy, copy.Name, copy.ShortName, "").Reading("x", state).Writing("y", copy));
            foreach (var instr in phase.Backward)
            {
                for (var i = 0; i < instr.Reads.Count; i++)
                {
                    if (instr.Reads[i].Value == state)
                    {
                        instr.Reads[i] = instr.Reads[i] with { Value = copy };
                    }
                }
            }

            phase.Saved.Add(copy);
        }
    }

    private static bool IsCheap(Value value, Dictionary<Value, Instr> producers) =>
        !value.IsPersistent && producers.TryGetValue(value, out var instr)
        && (instr.Kind == InstrKind.Pointwise || (instr.Kind == InstrKind.Row && value == instr.Write("y")));

    private static bool Available(Value value, Dictionary<Value, Instr> producers, HashSet<Value> kept)
    {
        if (!IsCheap(value, producers))
        {
            return false;
        }

        var instr = producers[value];
        return (instr.Kind != InstrKind.Row || kept.Contains(instr.Write("s")))
            && instr.Reads.All(r => IsKept(r.Value, kept) || Available(r.Value, producers, kept));
    }

    private static bool IsKept(Value value, HashSet<Value> kept) => kept.Contains(value.Root) || (value.Root.IsPersistent && !value.Root.IsState);

    private static void Recompute(Phase phase, Dictionary<Value, Instr> producers, HashSet<Value> kept, HashSet<Value> recomputed)
    {
        var again = new Dictionary<Value, Value>();
        for (var at = 0; at < phase.Backward.Count; at++)
        {
            var instr = phase.Backward[at];
            for (var i = 0; i < instr.Reads.Count; i++)
            {
                var value = instr.Reads[i].Value;
                if (!recomputed.Contains(value))
                {
                    continue;
                }

                var inserted = new List<Instr>();
                instr.Reads[i] = instr.Reads[i] with { Value = Again(value, producers, kept, again, inserted) };
                phase.Backward.InsertRange(at, inserted);
                at += inserted.Count;
            }
        }
    }

    private static Value Again(Value value, Dictionary<Value, Instr> producers, HashSet<Value> kept, Dictionary<Value, Value> again, List<Instr> inserted)
    {
        if (IsKept(value, kept))
        {
            return value;
        }

        if (again.TryGetValue(value, out var copy))
        {
            return copy;
        }

        var producer = producers[value];
        var instr = new Instr(producer.Kind == InstrKind.Row ? InstrKind.RowApply : InstrKind.Pointwise, producer.Path, producer.Label, producer.Block)
        {
            Operator = producer.Operator, Node = producer.Node, Bindings = producer.Bindings, TokenAxis = producer.TokenAxis, IsRecomputed = true,
        };
        foreach (var parameter in producer.Parameters)
        {
            instr.Parameters[parameter.Key] = parameter.Value;
        }

        foreach (var read in producer.Reads)
        {
            instr.Reads.Add(read with { Value = Again(read.Value, producers, kept, again, inserted) });
        }

        if (producer.Kind == InstrKind.Row)
        {
            instr.Reading("s", producer.Write("s"));
        }

        copy = new Value("r_" + value.Name, value.Shape) { ShortName = value.ShortName };
        instr.Writing("y", copy);
        inserted.Add(instr);
        return again[value] = copy;
    }
}
