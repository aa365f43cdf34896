using Graph.Generator.Ir;

namespace Graph.Generator.Passes;

/// <summary>
/// A launch is named after the node that it computes last. What tells launches of one node apart is a property of the node
/// (its kernels, its weight), never the launch's number: a node more or less renames no launch of another node (anchors 6.2).
/// </summary>
internal static class NameLaunches
{
    /// <param name="launches">Of one section, in order.</param>
    /// <param name="prefix">Phase and mode.</param>
    public static void Run(IReadOnlyList<Launch> launches, string prefix)
    {
        var taken = new HashSet<string>();
        foreach (var launch in launches)
        {
            var last = Last(launch);
            var what = What(last, launch);
            string[] candidates =
            [
                $"{prefix}{Identifier.Pascal(last.Path)}{what}",

                // Nodes whose paths differ in case or underscores only.
                $"{prefix}_{last.Path}{what}",
            ];
            launch.Name = candidates.First(taken.Add);
        }
    }

    /// <summary>Copies and sums of gradients carry no node of the user's; they name a launch only where nothing else is in it.</summary>
    private static Instr Last(Launch launch) =>
        launch.Instrs.LastOrDefault(i => i.Kind is not (InstrKind.Copy or InstrKind.Accumulate or InstrKind.Sum)) ?? launch.Instrs.Last();

    private static string What(Instr last, Launch launch) => last.Kind switch
    {
        _ when launch.Kind == LaunchKind.Parameters => "Gradient",
        InstrKind.Tile when last.Operator!.Launches.Count(l => l.Backward == last.Launch!.Backward) > 1 => last.Launch!.Method,
        InstrKind.Copy => "To" + Identifier.Pascal(last.Write("y").Name),
        _ when last.IsRecomputed => "Again",
        _ => "",
    };
}
