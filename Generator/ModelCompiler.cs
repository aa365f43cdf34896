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
        if (spec.Problems.Any(p => p.Id != "GRAPH009"))
        {
            return new CompiledModel(EquatableArray<GeneratedFile>.Empty, spec.Problems);
        }

        var pass = "";
        try
        {
            var (graph, plan) = Lower(spec, ref pass);
            pass = "emit";
            var files = FileSet.Of(graph, plan);
            return new CompiledModel(files.ToEquatable(), spec.Problems);
        }
        catch (CompileException problem)
        {
            return new CompiledModel(EquatableArray<GeneratedFile>.Empty, new[] { problem.Problem }.ToEquatable());
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            var where = failure.StackTrace?.Split('\n').FirstOrDefault()?.Trim() ?? "";
            return new CompiledModel(EquatableArray<GeneratedFile>.Empty, new[] { Problem.Of("GRAPH099", "", pass, spec.Name, failure.Message + " " + where) }.ToEquatable());
        }
    }

    /// <summary>Everything before the text. <paramref name="pass"/> names the stage that runs, for GRAPH099.</summary>
    internal static (ModelGraph Graph, MemoryPlan Plan) Lower(ModelSpec spec, ref string pass)
    {
        pass = "build";
        var graph = BuildGraph.Run(spec);
        pass = "check sizes";
        CheckSizes.Run(graph);
        pass = "differentiate";
        Differentiate.Run(graph);
        pass = "choose saves";
        ChooseSaves.Run(graph);
        pass = "share frames";
        ShareFrames.Run(graph);
        pass = "form regions and plan memory";
        var plan = Plan(graph);
        pass = "verify";
        Verifier.Check(graph, plan.Sections);
        return (graph, plan);
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
}
