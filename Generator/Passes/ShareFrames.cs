using Graph.Generator.Ir;

namespace Graph.Generator.Passes;

/// <summary>
/// Phases that call the same block keep the same values under other names (TRM's L and H). They share one frame: the later phase's
/// turns follow the earlier one's, and launches that then have the same text are emitted once.
/// </summary>
internal static class ShareFrames
{
    public static void Run(ModelGraph graph)
    {
        foreach (var phase in graph.Phases.Where(p => p.Loops.Count > 0 && p.Saved.Count > 0))
        {
            phase.FrameTurns = phase.Turns;
            var owner = graph.Phases.TakeWhile(p => p != phase).FirstOrDefault(p => p.Frame is null && p.Loops.Count > 0 && Corresponds(p, phase));
            if (owner is not null)
            {
                phase.Frame = owner;
                phase.FirstTurn = owner.FrameTurns;
                owner.FrameTurns += phase.Turns;
            }
        }
    }

    private static bool Corresponds(Phase a, Phase b) => a.Saved.Count == b.Saved.Count
        && a.Saved.Zip(b.Saved, (x, y) => x.ShortName == y.ShortName && x.Shape.SequenceEqual(y.Shape)).All(same => same);
}
