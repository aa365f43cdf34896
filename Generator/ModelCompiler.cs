using Graph.Generator.Diagnostics;
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
        if (spec.Problems.Any(Descriptors.Stops))
        {
            return Stopped(spec.Problems);
        }

        var pass = "";
        try
        {
            var (graph, plan) = Lower(spec, ref pass);
            pass = "emit";
            var files = FileSet.Of(graph, plan);
            var lines = files.Sum(f => f.Lines);
            Problem[] tooLong = lines <= FileSet.MaxModelLines ? [] : [Problem.Of("GRAPH083", "", spec.Name, Number(lines), Number(FileSet.MaxModelLines))];
            return new CompiledModel(files.ToEquatable(), spec.Problems.Concat(graph.Notes).Concat(tooLong).Distinct().ToEquatable());
        }
        catch (CompileException problem)
        {
            return Stopped(spec.Problems.Append(problem.Problem));
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return Stopped(spec.Problems.Append(Problem.Failure(pass, spec.Name, failure)));
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
        pass = "store bfloat16";
        StoreBfloat16.Run(graph);
        pass = "form regions and plan memory";
        var plan = Plan(graph);
        pass = "verify";
        Verifier.Check(graph, plan.Sections);
        return (graph, plan);
    }

    private static CompiledModel Stopped(IEnumerable<Problem> problems) => new(EquatableArray<GeneratedFile>.Empty, problems.ToEquatable());

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static MemoryPlan Plan(ModelGraph graph)
    {
        var plan = new MemoryPlan();
        foreach (var phase in graph.Phases)
        {
            var saved = new HashSet<Value>(phase.Saved.Select(v => v.Root));
            var bySample = phase.Loops.Count == 0;
            foreach (var mode in new[] { "Forward", "Backward" })
            {
                var section = new Section(phase, mode, FormRegions.Run(mode == "Backward" ? phase.Backward : phase.Forward, phase.Name + mode, bySample, new FusionNotes(graph, mode == "Backward")));
                PlaceValues.Run(section, saved);
                plan.Sections.Add(section);
            }
        }

        PlanMemory.Run(plan);
        return plan;
    }
}
