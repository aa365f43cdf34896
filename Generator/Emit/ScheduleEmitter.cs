using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Passes;
using Graph.Generator.Specs;

namespace Graph.Generator.Emit;

/// <summary>The program's step: loops on the host, one call per launch, written once for every size.</summary>
internal static class ScheduleEmitter
{
    public static string Emit(ModelGraph graph, MemoryPlan plan)
    {
        var code = new CodeWriter();
        var loops = graph.Phases.SelectMany(p => p.Loops).Distinct().ToList();
        using (code.Block("public override void Step(bool gradient, float lossScale = 1)"))
        {
            code.Line("BeginStep();");
            foreach (var phase in graph.Phases.TakeWhile(p => p.Loops.Count == 0))
            {
                Call(code, plan, phase, "gradient", Number(phase, null));
            }

            if (loops.Count > 0)
            {
                var outer = loops[0];
                var truncated = string.Concat(loops.Where(l => l.Gradient.Length > 0).Select(l => $", of {l.Name} in the turns from 0 on"));
                code.Line($"// All turns of {outer.Name} but the last save nothing; the last carries gradient{truncated}.");
                using (code.Block($"for (var {outer.Name} = 1; {outer.Name} < {Count(outer.Count)}; {outer.Name}++)"))
                {
                    Turns(code, graph, plan, "false");
                }

                code.Line();
                Turns(code, graph, plan, "gradient");
            }

            foreach (var phase in graph.Phases.SkipWhile(p => p.Loops.Count == 0).SkipWhile(p => p.Loops.Count > 0))
            {
                Call(code, plan, phase, "gradient", Number(phase, null));
            }

            using (code.Block("if (gradient)"))
            {
                code.Line("Backward(lossScale);");
            }
        }

        code.Line();
        using (code.Block("private void Backward(float lossScale)"))
        {
            code.Line("ZeroGradients();");
            foreach (var buffer in graph.Gradients.Values)
            {
                code.Line($"Zero(Plan.{buffer.Name}, {Long(buffer.PerSample)});");
            }

            foreach (var (loss, weight) in graph.Losses.Where(l => graph.Gradients.ContainsKey(l.Loss)))
            {
                var factor = weight.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
                code.Line($"Seed(Plan.{graph.Gradients[loss].Name}, {factor}f * lossScale);");
            }

            for (var i = graph.Phases.Count - 1; i >= 0; i--)
            {
                var phase = graph.Phases[i];
                var inner = phase.Loops.Skip(1).ToList();
                var section = plan.Section(phase, "Backward");
                if (section.Launches.Count == 0)
                {
                    continue;
                }

                if (inner.Count == 0 || phase.Turns.Equals(DimExpr.Constant(1)))
                {
                    code.Line($"{phase.Name}Backward({Turn(plan, phase, "Backward", Number(phase, null))});");
                }
                else
                {
                    using (code.Block($"for (var {inner[0].Name} = {End(inner[0])} - 1; {inner[0].Name} >= 0; {inner[0].Name}--)"))
                    {
                        code.Line($"{phase.Name}Backward({Turn(plan, phase, "Backward", Number(phase, inner[0].Name))});");
                    }
                }

                var isTruncated = inner.Any(l => l.Gradient.Length > 0);
                foreach (var state in phase.Updates.Where(s => isTruncated && graph.Gradients.ContainsKey(s) && graph.Phases.Take(i).Any(p => p.Updates.Contains(s))))
                {
                    code.Line($"// {state.Name} comes from turns without gradient, not from where it was set before them.");
                    code.Line($"if ({Count(inner[0].Gradient)} < {Count(inner[0].Count)}) Zero(Plan.{graph.Gradients[state].Name}, {Long(graph.Gradients[state].PerSample)});");
                }
            }
        }

        return code.ToString();
    }

    /// <summary>One method per section: its launches in order.</summary>
    public static string Section(Section section)
    {
        var code = new CodeWriter();
        using (code.Block($"private void {section.Phase.Name}{section.Mode}({(UsesTurn(section) ? "int turn" : "")})"))
        {
            if (section.Launches.Any(l => l.Shared is { UsesWeights: true }))
            {
                code.Line($"var weights = {Weights(section.Phase)};");
            }

            foreach (var launch in section.Launches)
            {
                var run = launch.Shared ?? launch;
                var weights = !run.UsesWeights ? "" : launch.Shared is null ? ", 0" : ", weights";
                code.Line($"Executor.Run(new {run.Name}(this{(launch.UsesTurn ? ", turn" : "")}{weights}), {run.Name}.Units(this));");
            }
        }

        return code.ToString();
    }

    /// <summary>How far the phase's parameters are from those that shared launches name.</summary>
    private static string Weights(Phase phase) => phase.Twins.Count == 0 ? "0" : $"Plan.{phase.Twins[0].Own.Identifier} - Plan.{phase.Twins[0].Named.Identifier}";

    private static bool UsesTurn(Section section) => section.Launches.Any(l => l.UsesTurn);

    private static string Turn(MemoryPlan plan, Phase phase, string mode, string turn) => UsesTurn(plan.Section(phase, mode)) ? turn : "";

    /// <summary>The turn's number in its frame.</summary>
    private static string Number(Phase phase, string? loop) => Code.IsZero(phase.FirstTurn) ? loop ?? "0"
        : loop is null ? Code.Int(phase.FirstTurn)
        : $"{Code.Int(phase.FirstTurn)} + {loop}";

    private static string Long(DimExpr dim) => dim.ToCSharp(name => "TDims." + name);

    /// <summary>Turns of an inner loop are numbered so that the first with gradient is 0 and those before it are negative; this is the number behind the last.</summary>
    private static string End(LoopSpec loop) => Count(loop.Gradient.Length == 0 ? loop.Count : loop.Gradient);

    private static string Count(string count) => char.IsDigit(count[0]) ? count : "TDims." + count;

    private static void Turns(CodeWriter code, ModelGraph graph, MemoryPlan plan, string gradient)
    {
        foreach (var phase in graph.Phases.Where(p => p.Loops.Count > 0))
        {
            var inner = phase.Loops.Skip(1).ToList();
            if (inner.Count == 0)
            {
                Call(code, plan, phase, gradient, Number(phase, null));
                continue;
            }

            var loop = inner[0];
            var isTruncated = loop.Gradient.Length > 0;
            using (code.Block($"for (var {loop.Name} = {(isTruncated ? $"{End(loop)} - {Count(loop.Count)}" : "0")}; {loop.Name} < {End(loop)}; {loop.Name}++)"))
            {
                Call(code, plan, phase, isTruncated && gradient != "false" ? $"{gradient} && {loop.Name} >= 0" : gradient, Number(phase, loop.Name));
            }
        }
    }

    /// <summary>A turn without gradient has the number -1: it keeps nothing. A phase of inputs alone has nothing to run.</summary>
    private static void Call(CodeWriter code, MemoryPlan plan, Phase phase, string gradient, string turn)
    {
        if (plan.Section(phase, "Forward").Launches.Count > 0)
        {
            code.Line($"{phase.Name}Forward({Turn(plan, phase, "Forward", gradient == "false" ? "-1" : $"{gradient} ? {turn} : -1")});");
        }
    }
}
