using Graph.Generator.Dims;
using Graph.Generator.Ir;

namespace Graph.Generator.Passes;

/// <summary>Everything the emitters need: sections of launches, and the arena as a list of slots.</summary>
internal sealed class MemoryPlan
{
    public List<Section> Sections { get; } = [];

    /// <summary>Elements per sample of each pool slot, and whether a device may store them as bfloat16.</summary>
    public List<(DimExpr PerSample, bool IsRounded)> Pool { get; } = [];

    public Section Section(Phase phase, string mode) => Sections.First(s => s.Phase == phase && s.Mode == mode);
}

/// <summary>
/// Stage 7, second half: pool slots. Sections never run at the same time, so they share one pool; inside a section a slot is
/// taken again as soon as its value is dead. Slots are matched by format and symbolic size, so that one plan serves every size of
/// the model and can be read as text.
/// </summary>
internal static class PlanMemory
{
    public static void Run(MemoryPlan plan)
    {
        foreach (var section in plan.Sections)
        {
            var busyUntil = new Dictionary<int, int>();
            foreach (var value in section.Lifetimes.OrderBy(l => l.Value.First).ThenBy(l => l.Key.Name, StringComparer.Ordinal))
            {
                var slot = Enumerable.Range(0, plan.Pool.Count).FirstOrDefault(
                    s => plan.Pool[s].Equals((value.Key.PerSample, value.Key.IsRounded)) && (!busyUntil.TryGetValue(s, out var last) || last < value.Value.First),
                    -1);
                if (slot < 0)
                {
                    slot = plan.Pool.Count;
                    plan.Pool.Add((value.Key.PerSample, value.Key.IsRounded));
                }

                busyUntil[slot] = value.Value.Last;
                section.Pool[value.Key] = slot;
            }
        }
    }

    private static T FirstOrDefault<T>(this IEnumerable<T> source, Func<T, bool> predicate, T fallback)
    {
        foreach (var item in source)
        {
            if (predicate(item))
            {
                return item;
            }
        }

        return fallback;
    }
}
