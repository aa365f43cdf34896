using Graph.Generator.Ir;

namespace Graph.Generator.Passes;

/// <summary>
/// Phases that call the same block keep the same values under other names (TRM's L and H). They share one frame: the later phase's
/// turns follow the earlier one's, and launches that then have the same text are emitted once. So they are if the later phase has
/// weights of its own (HRM's L and H), declared in the same order: the launch then adds their distance.
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
                phase.Twins = Twins(graph, phase, owner);
            }
        }
    }

    private static bool Corresponds(Phase a, Phase b) => a.Saved.Count == b.Saved.Count
        && a.Saved.Zip(b.Saved, (x, y) => x.ShortName == y.ShortName && x.Shape.SequenceEqual(y.Shape)).All(same => same);

    private static IReadOnlyList<(ParameterValue Own, ParameterValue Named)> Twins(ModelGraph graph, Phase phase, Phase owner)
    {
        var (own, named) = (Parameters(phase), Parameters(owner));
        var pairs = own.Zip(named, (x, y) => (Own: x, Named: y)).ToList();
        var distances = pairs.Select(p => graph.Parameters.IndexOf(p.Own) - graph.Parameters.IndexOf(p.Named)).Distinct().ToList();
        return own.Count == named.Count && distances.Count == 1 && distances[0] != 0 && pairs.All(p => p.Own.Shape.SequenceEqual(p.Named.Shape)) ? pairs : [];
    }

    private static List<ParameterValue> Parameters(Phase phase) => phase.Forward.SelectMany(i => i.Parameters.Values).Distinct().ToList();
}
