using Graph.Generator.Ir;

namespace Graph.Generator.Passes;

/// <summary>
/// Stage 7, first half: decides for every value of a section whether it lives in a register, in the worker's scratch, in
/// the saved frame or in the pool.
/// </summary>
internal static class PlaceValues
{
    public static void Run(Section section, HashSet<Value> saved)
    {
        var uses = new Dictionary<Value, List<(int Launch, int Step)>>();
        var viewed = new HashSet<Value>();
        var written = new HashSet<Value>();
        for (var l = 0; l < section.Launches.Count; l++)
        {
            for (var s = 0; s < section.Launches[l].Steps.Count; s++)
            {
                foreach (var instr in section.Launches[l].Steps[s].Instrs)
                {
                    foreach (var operand in instr.Reads.Concat(instr.Writes))
                    {
                        var root = operand.Value.Root;
                        if (!uses.TryGetValue(root, out var list))
                        {
                            uses[root] = list = [];
                        }

                        list.Add((l, s));
                        if (operand.Value.Base is not null)
                        {
                            viewed.Add(root);
                        }
                    }

                    written.UnionWith(instr.Writes.Select(w => w.Value.Root));
                }
            }
        }

        foreach (var use in uses.Where(u => !u.Key.IsPersistent))
        {
            var value = use.Key;
            var first = use.Value.Min(u => u.Launch);
            var last = use.Value.Max(u => u.Launch);
            var launch = section.Launches[first];
            var region = launch.Kind is LaunchKind.Rows or LaunchKind.Samples or LaunchKind.Columns;
            if (saved.Contains(value))
            {
                section.Saved.Add(value);
            }

            if (saved.Contains(value) && section.Mode == "Backward")
            {
                section.Storage[value] = Storage.Saved;
            }
            else if (first == last && region)
            {
                var steps = use.Value.Select(u => u.Step).Distinct().ToList();
                var kernel = steps.Count == 1 ? launch.Steps[steps[0]].Kernel : null;
                section.Storage[value] = kernel is not null && !viewed.Contains(value) && (!saved.Contains(value) || IsStatistic(value, launch)) && KernelLoops.Of(kernel).IsTransient(value)
                    ? Storage.Register
                    : Storage.Local;
            }
            else
            {
                section.Storage[value] = Storage.Pooled;
                section.Lifetimes[value] = (first, last);
            }
        }
    }

    private static bool IsStatistic(Value value, Launch launch) => launch.Instrs.Any(i => i.Writes.Any(w => w.Role == "s" && w.Value == value));
}
