using Graph.Generator.Ir;

namespace Graph.Generator.Passes;

/// <summary>
/// Which values a device may store as bfloat16 between its kernels: those that every instruction which reads or writes them takes so. Row kernels and
/// products always do; a launch of a tile operator says of which operands (<c>LaunchAttribute.Bfloat16</c>). What lives for the whole step, statistics and
/// partial sums stay float32. A value keeps its name for the CPU, where nothing changes.
/// </summary>
internal static class StoreBfloat16
{
    public static void Run(ModelGraph graph)
    {
        var operands = graph.Phases.SelectMany(p => p.Forward.Concat(p.Backward))
            .SelectMany(i => i.Reads.Concat(i.Writes).Select(o => (o.Value.Root, Takes: Takes(i, o.Role))));
        foreach (var value in operands.GroupBy(o => o.Root).Where(v => !v.Key.Integer && !v.Key.IsPersistent))
        {
            value.Key.IsRounded = value.All(o => o.Takes);
        }

        // Phases of one frame, however many, keep values of the same names in the same places.
        foreach (var frame in graph.Phases.GroupBy(p => p.Frame ?? p))
        {
            for (var i = 0; i < frame.Key.Saved.Count; i++)
            {
                var takes = frame.All(p => p.Saved[i].Root.IsRounded);
                foreach (var phase in frame)
                {
                    phase.Saved[i].Root.IsRounded = takes;
                }
            }
        }
    }

    private static bool Takes(Instr instr, string role) => instr.Kind switch
    {
        InstrKind.Tile => instr.Launch!.Bfloat16.Contains(role),
        InstrKind.MatMul or InstrKind.MatMulBackward or InstrKind.WeightGradient => true,
        _ => instr.IsRowKernel && role is not ("s" or "partial"),
    };
}
