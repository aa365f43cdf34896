using System.Text.RegularExpressions;
using Graph.Generator.Ir;
using Graph.Generator.Passes;

namespace Graph.Generator.Emit;

/// <summary>
/// The text of every launch, those left out that an earlier phase has under its own names: the schedule then runs that one, with the distance of
/// the later phase's parameters where it has its own.
/// </summary>
internal static class EmittedLaunches
{
    private static readonly Regex Comment = new("^ *//.*\n", RegexOptions.Multiline);
    private static readonly Regex Place = new(@"(?<=\bm\.Plan\.)\w+");

    public static List<(Section Section, List<(Launch Launch, Member Member)> Texts)> Of(MemoryPlan plan, RegionEmitter regions)
    {
        var first = new Dictionary<string, Launch>();
        var emitted = plan.Sections.Select(section => (Section: section, Texts: section.Launches
            .Select(launch => (Launch: launch, Text: regions.Emit(section, launch)))
            .Where(t => IsNew(first, section.Phase, t.Launch, t.Text)).ToList())).ToList();

        // Only now it is known which of them run with other weights too.
        return emitted.Select(e => (e.Section, e.Texts
            .Select(t => (t.Launch, new Member(t.Launch.Name, t.Launch.UsesWeights ? regions.Emit(e.Section, t.Launch) : t.Text))).ToList())).ToList();
    }

    private static bool IsNew(Dictionary<string, Launch> first, Phase phase, Launch launch, string text)
    {
        var plain = Comment.Replace(text, "").Replace(launch.Name, "@");
        if (phase.Frame is { Prefix.Length: > 0 } && phase.Prefix.Length > 0)
        {
            // Names of places stay: a parameter, or a value that lives across phases, may start like the values of its network and is still another one.
            plain = Regex.Replace(plain, @"(?<!\bm\.Plan\.\w*)" + Regex.Escape(phase.Prefix), phase.Frame.Prefix);
        }

        var twins = phase.Twins.ToDictionary(t => t.Own.Identifier, t => t.Named.Identifier);
        var named = Place.Replace(plain, place => twins.TryGetValue(place.Value, out var other) ? other : place.Value);
        if (first.TryGetValue(named, out var earlier))
        {
            launch.Shared = earlier;
            earlier.UsesWeights |= named != plain;
            return false;
        }

        // Under the parameters that its text names: the distance of another phase counts from those of the frame's owner.
        first[plain] = launch;
        return true;
    }
}
