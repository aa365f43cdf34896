using Graph.Generator.Ir;

namespace Graph.Generator.Passes;

/// <summary>
/// The loops of a fused kernel over one row (or column): a reduction ends a loop, because its statistic is known only when the
/// row has been read; what needs the statistic belongs to the next loop.
/// </summary>
internal sealed class KernelLoops
{
    private readonly Dictionary<Value, int> available = [];
    private readonly Dictionary<Value, HashSet<int>> used = [];

    private KernelLoops()
    {
    }

    /// <summary>Loop of each instruction's element-wise part.</summary>
    public Dictionary<Instr, int> Apply { get; } = [];

    /// <summary>Loop of each reduction.</summary>
    public Dictionary<Instr, int> Accumulate { get; } = [];

    public int Count { get; private set; } = 1;

    public static KernelLoops Of(FusedKernel kernel)
    {
        var loops = new KernelLoops();
        foreach (var instr in kernel.Instrs)
        {
            loops.Add(instr);
        }

        return loops;
    }

    /// <summary>Defined and read in one loop only, so that a register holds it.</summary>
    public bool IsTransient(Value value) =>
        available.TryGetValue(value, out var defined) && (!used.TryGetValue(value, out var loops) || loops.All(l => l == defined));

    /// <summary>The loop that defines a value; -1 for what comes from outside.</summary>
    public int DefinedIn(Value value) => available.TryGetValue(value, out var loop) ? loop : -1;

    private void Add(Instr instr)
    {
        var elements = instr.Reads.Where(r => r.Role != "s").Select(r => r.Value).ToList();
        var loop = elements.Select(v => available.TryGetValue(v, out var at) ? at : 0).DefaultIfEmpty(0).Max();
        var apply = loop;
        if (instr.Kind is InstrKind.Row or InstrKind.RowBackward)
        {
            Accumulate[instr] = loop;
            apply = loop + 1;
        }

        foreach (var value in elements)
        {
            Use(value, apply);
            if (apply != loop)
            {
                Use(value, loop);
            }
        }

        Apply[instr] = apply;
        Count = Math.Max(Count, apply + 1);
        foreach (var write in instr.Writes)
        {
            available[write.Value] = apply;
        }
    }

    private void Use(Value value, int loop)
    {
        if (!used.TryGetValue(value, out var loops))
        {
            used[value] = loops = [];
        }

        loops.Add(loop);
    }
}
