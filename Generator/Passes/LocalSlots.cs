using Graph.Generator.Dims;
using Graph.Generator.Ir;

namespace Graph.Generator.Passes;

/// <summary>
/// Scratch of one region: a slot is taken again when its value is dead, so that a block's footprint stays in the L2 cache.
/// </summary>
/// <param name="Sizes">Elements of each slot, for one row, sample or column of the region, and whether a device may store them as bfloat16.</param>
/// <param name="Slot">Slot of each value.</param>
internal sealed record LocalSlots(IReadOnlyList<(DimExpr Elements, bool IsRounded)> Sizes, IReadOnlyDictionary<Value, int> Slot)
{
    /// <summary>Slots are matched by format and symbolic size, like those of the pool.</summary>
    public static LocalSlots Of(Section section, Launch launch)
    {
        var lives = new Dictionary<Value, (int First, int Last)>();
        for (var s = 0; s < launch.Steps.Count; s++)
        {
            foreach (var root in launch.Steps[s].Instrs.SelectMany(i => i.Reads.Concat(i.Writes)).Select(o => o.Value.Root))
            {
                if (section.IsLocal(root))
                {
                    lives[root] = lives.TryGetValue(root, out var life) ? (life.First, s) : (s, s);
                }
            }
        }

        var sizes = new List<(DimExpr Elements, bool IsRounded)>();
        var busy = new List<int>();
        var slots = new Dictionary<Value, int>();
        foreach (var life in lives.OrderBy(l => l.Value.First).ThenBy(l => l.Key.Name, StringComparer.Ordinal))
        {
            var size = launch.Kind switch
            {
                LaunchKind.Rows => life.Key.Width,
                LaunchKind.Samples => life.Key.PerSample,
                _ => life.Key.Length,
            };
            var wanted = (size, life.Key.IsRounded);
            var slot = Enumerable.Range(0, sizes.Count).Where(i => sizes[i].Equals(wanted) && busy[i] < life.Value.First).DefaultIfEmpty(-1).First();
            if (slot < 0)
            {
                slot = sizes.Count;
                sizes.Add(wanted);
                busy.Add(0);
            }

            busy[slot] = life.Value.Last;
            slots[life.Key] = slot;
        }

        return new LocalSlots(sizes, slots);
    }
}
