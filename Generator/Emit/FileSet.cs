using Graph.Generator.Ir;
using Graph.Generator.Passes;
using Graph.Generator.Specs;

namespace Graph.Generator.Emit;

/// <summary>A named member of an emitted class: what a file is cut between.</summary>
internal readonly record struct Member(string Name, string Text);

/// <summary>
/// Stage 8: which member goes into which file. A file is named after what is in it, and so is the continuation of one that
/// would be too long: a new node changes the files that hold it and renames no other.
/// </summary>
internal sealed class FileSet(ModelSpec spec)
{
    /// <summary>Longest emitted file; the tests hold us to it.</summary>
    public const int MaxLines = 400;

    /// <summary>Lines of a model beyond which it slows its user's build (GRAPH083): half a second of compiler for each thousand.</summary>
    public const int MaxModelLines = 3000;

    /// <summary>What a file with row kernels is about.</summary>
    private const string Kernels = "fused kernels";

    /// <summary>Header, namespace and the braces around the members.</summary>
    private const int LinesAround = 18;

    private readonly List<GeneratedFile> files = [];

    public static List<GeneratedFile> Of(ModelGraph graph, MemoryPlan plan)
    {
        var saved = new HashSet<Value>(graph.Phases.SelectMany(p => p.Saved).Select(v => v.Root));
        var kernels = new KernelEmitter(graph.Spec);
        var regions = new RegionEmitter(kernels, saved);
        var set = new FileSet(graph.Spec);

        // Regions first: they say which kernels there are, and the schedule asks them which launches belong to a turn.
        var launches = EmittedLaunches.Of(plan, regions);
        set.Add("Sizes", "sizes and dims", [new Member("Sizes", SurfaceEmitter.Sizes(graph.Spec))]);
        set.Add("Plan", "memory plan", [new Member("Plan", PlanEmitter.Emit(graph, plan))]);
        set.Add("Ports", "graph, work and ports, for the host and for printing", [new Member("Ports", PlanEmitter.Ports(graph))]);
        set.Add("Schedule", "schedule", [new Member("Program", SurfaceEmitter.Program(graph)), set.Schedule(graph, plan)]);
        foreach (var (section, texts) in launches)
        {
            var (phase, mode) = (section.Phase.Name, section.Mode);
            set.AddToProgram($"{phase}.{mode}", $"launches of {phase}, {mode.ToLowerInvariant()}", texts.Where(t => t.Launch.Kind != LaunchKind.Parameters).Select(t => t.Member));
            set.AddToProgram($"{phase}.Gradients", $"parameter gradients of {phase}", texts.Where(t => t.Launch.Kind == LaunchKind.Parameters).Select(t => t.Member));
        }

        foreach (var group in kernels.Kernels.GroupBy(k => (k.Block, k.Backward)))
        {
            var block = group.Key.Block.Length == 0 ? graph.Spec.Name : group.Key.Block;
            set.Add($"{block}.{(group.Key.Backward ? "Backward" : "Kernels")}", $"{Kernels} of {block}{(group.Key.Backward ? ", backward" : "")}", group.Select(k => new Member(k.Name, k.Text)));
        }

        return set.files;
    }

    private Member Schedule(ModelGraph graph, MemoryPlan plan) =>
        new("Schedule", Class("internal sealed partial class Program<TDims>", [ScheduleEmitter.Emit(graph, plan), .. plan.Sections.Where(s => s.Launches.Count > 0).Select(ScheduleEmitter.Section)]));

    private void AddToProgram(string part, string about, IEnumerable<Member> members) =>
        Cut(part, members, (name, texts) => File(name, about, [Class("internal sealed partial class Program<TDims>", texts)]));

    private void Add(string part, string about, IEnumerable<Member> members) => Cut(part, members, (name, texts) => File(name, about, texts));

    /// <summary>Fills files in order; a continuation is named after its first member.</summary>
    private static void Cut(string part, IEnumerable<Member> members, Action<string, List<string>> write)
    {
        var (name, texts, lines) = (part, new List<string>(), LinesAround);
        foreach (var member in members)
        {
            var length = member.Text.Count(c => c == '\n') + 1;
            if (texts.Count > 0 && lines + length > MaxLines)
            {
                write(name, texts);
                (name, texts, lines) = ($"{part}.{member.Name}", [], LinesAround);
            }

            texts.Add(member.Text);
            lines += length;
        }

        if (texts.Count > 0)
        {
            write(name, texts);
        }
    }

    private static string Class(string header, IEnumerable<string> members)
    {
        var code = new CodeWriter();
        using (code.Block(header))
        {
            var first = true;
            foreach (var member in members)
            {
                if (!first)
                {
                    code.Line();
                }

                code.Lines(member);
                first = false;
            }
        }

        return code.ToString();
    }

    private void File(string part, string about, IEnumerable<string> members) => files.Add(new GeneratedFile(
        $"{spec.Key}.{part}.g.cs", Code.Header(spec, about) + (about.StartsWith(Kernels, StringComparison.Ordinal) ? Code.DeviceMemory : "") + Code.Open(spec) + "\n" + Class($"{spec.Declaration} partial class {spec.Name}", members)));
}
