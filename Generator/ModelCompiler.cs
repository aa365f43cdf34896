using Graph.Generator.Dims;
using Graph.Generator.Emit;
using Graph.Generator.Ir;
using Graph.Generator.Passes;
using Graph.Generator.Specs;
using Graph.Generator.Support;

namespace Graph.Generator;

/// <summary>
/// The stages of architecture.md 4 in order: build, check sizes, differentiate, choose saves, form regions, plan, emit.
/// A failure inside a pass is one GRAPH099 that names the pass; other models compile on.
/// </summary>
internal static class ModelCompiler
{
    public static CompiledModel Compile(ModelSpec spec)
    {
        if (spec.Problems.Count > 0)
        {
            return new CompiledModel(EquatableArray<GeneratedFile>.Empty, spec.Problems);
        }

        var pass = "build";
        try
        {
            var graph = BuildGraph.Run(spec);
            pass = "check sizes";
            CheckSizes.Run(graph);
            pass = "differentiate";
            Differentiate.Run(graph);
            pass = "choose saves";
            ChooseSaves.Run(graph);
            pass = "form regions";
            var plan = Plan(graph);
            pass = "verify";
            Verifier.Check(graph, plan.Sections);
            pass = "emit";
            var files = Files(graph, plan);
            return new CompiledModel(files.ToEquatable(), graph.Problems.ToEquatable());
        }
        catch (CompileException problem)
        {
            return new CompiledModel(EquatableArray<GeneratedFile>.Empty, new[] { problem.Problem }.ToEquatable());
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            var where = failure.StackTrace?.Split('\n').FirstOrDefault()?.Trim() ?? "";
            return new CompiledModel(EquatableArray<GeneratedFile>.Empty, new[] { Problem.Of("GRAPH099", "", pass, failure.Message + " " + where) }.ToEquatable());
        }
    }

    private static MemoryPlan Plan(ModelGraph graph)
    {
        var plan = new MemoryPlan();
        foreach (var phase in graph.Phases)
        {
            var saved = new HashSet<Value>(phase.Saved.Select(v => v.Root));
            var bySample = phase.Loops.Count == 0;
            foreach (var mode in new[] { "Forward", "Backward" })
            {
                var section = new Section(phase, mode, FormRegions.Run(mode == "Backward" ? phase.Backward : phase.Forward, phase.Name + mode, bySample));
                PlaceValues.Run(section, saved);
                plan.Sections.Add(section);
            }
        }

        PlanMemory.Run(plan);
        return plan;
    }

    private static List<GeneratedFile> Files(ModelGraph graph, MemoryPlan plan)
    {
        var spec = graph.Spec;
        var saved = new HashSet<Value>(graph.Phases.SelectMany(p => p.Saved).Select(v => v.Root));
        var kernels = new KernelEmitter();
        var regions = new RegionEmitter(kernels, saved);
        var launches = plan.Sections.Where(s => s.Launches.Count > 0)
            .Select(section => File(spec, $"{section.Phase.Name}.{section.Mode}", $"launches of {section.Phase.Name}, {section.Mode.ToLowerInvariant()}", [InProgram(section.Launches.Select(l => regions.Emit(section, l)))]))
            .ToList();
        var files = new List<GeneratedFile>
        {
            File(spec, "Sizes", "sizes and dims", [SurfaceEmitter.Sizes(spec)]),
            File(spec, "Plan", "memory plan", [PlanEmitter.Emit(graph, plan)]),
            File(spec, "Schedule", "schedule", [SurfaceEmitter.Program(graph), InProgram([ScheduleEmitter.Emit(graph, plan), .. plan.Sections.Select(ScheduleEmitter.Section)])]),
        };
        files.AddRange(launches);
        foreach (var group in kernels.Kernels.GroupBy(k => (k.Block, k.Backward)))
        {
            var about = group.Key.Backward ? "Backward" : "Kernels";
            files.Add(File(spec, $"{(group.Key.Block.Length == 0 ? spec.Name : group.Key.Block)}.{about}", $"fused kernels of block {group.Key.Block}", group.Select(k => k.Text)));
        }

        return files;
    }

    private static string InProgram(IEnumerable<string> members)
    {
        var code = new CodeWriter();
        using (code.Block("internal sealed partial class Program<TDims>"))
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

    private static GeneratedFile File(ModelSpec spec, string part, string about, IEnumerable<string> members)
    {
        var code = new CodeWriter();
        using (code.Block($"{spec.Declaration} partial class {spec.Name}"))
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

        return new GeneratedFile($"{spec.Name}.{part}.g.cs", Code.Header(spec, about) + Code.Open(spec) + "\n" + code);
    }
}
