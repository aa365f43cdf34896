namespace Graph.Generator.Ir;

/// <summary>
/// What must hold of every phase after the passes (anchors 2.17): values are written once and before they are read; a state is not
/// read after its update has overwritten it, nor by other rows while it is being written.
/// </summary>
internal static class Verifier
{
    public static void Check(ModelGraph graph, IEnumerable<Section> sections)
    {
        foreach (var phase in graph.Phases)
        {
            WrittenOnce(phase, phase.Forward);
            WrittenOnce(phase, phase.Backward);
        }

        foreach (var section in sections)
        {
            ReadsAreAvailable(section);
            StatesAreFree(section);
        }
    }

    private static void WrittenOnce(Phase phase, IEnumerable<Instr> instrs)
    {
        var written = new HashSet<Value>();
        foreach (var write in instrs.Where(i => i.Kind != InstrKind.Accumulate).SelectMany(i => i.Writes))
        {
            Require(written.Add(write.Value), phase, $"{write.Value} is written twice");
        }
    }

    private static void ReadsAreAvailable(Section section)
    {
        var known = new HashSet<Value>(section.Mode == "Backward" ? section.Phase.Saved.Select(v => v.Root) : []);
        foreach (var instr in section.Launches.SelectMany(l => l.Instrs))
        {
            foreach (var read in instr.Reads.Select(r => r.Value.Root))
            {
                Require(read.IsPersistent || known.Contains(read), section.Phase, $"{section.Mode}: {instr.Path} reads {read} before it is written");
            }

            known.UnionWith(instr.Writes.Select(w => w.Value.Root));
        }
    }

    private static void StatesAreFree(Section section)
    {
        for (var l = 0; l < section.Launches.Count; l++)
        {
            foreach (var state in section.Launches[l].Instrs.Where(i => i.Kind == InstrKind.Copy).Select(i => i.Write("y")).Where(v => v.IsState))
            {
                var later = section.Launches.Skip(l + 1).SelectMany(x => x.Instrs);
                Require(!later.Any(i => i.Reads.Any(r => r.Value.Root == state)), section.Phase, $"{state} is read after its update");
                var halo = section.Launches[l].Instrs.Where(i => i.Launch is { Barrier: true });
                Require(!halo.Any(i => i.Reads.Any(r => r.Value.Root == state)), section.Phase, $"{state} is overwritten while neighbouring rows read it");
            }
        }
    }

    private static void Require(bool holds, Phase phase, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"phase {phase.Name}: {what}");
        }
    }
}
