using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Passes;

namespace Graph.Generator.Emit;

/// <summary>
/// The only file with offsets: a class that carves the arenas in a fixed, named order. Every activation grows with the batch
/// alone, so the arena is <c>k1 * batch</c>; weights and scratch are the <c>k0</c>.
/// </summary>
internal static class PlanEmitter
{
    public static string Emit(ModelGraph graph, MemoryPlan plan)
    {
        var code = new CodeWriter();
        code.Line("/// <summary>Offsets of every tensor: parameters in declaration order, then what lives for the whole step, then saved frames, then the pool.</summary>");
        using (code.Block("internal sealed partial class MemoryPlan<TDims> : PlanTable where TDims : struct, IDims"))
        {
            Fields(code, graph, plan);
            code.Line();
            using (code.Block("public MemoryPlan(long batch, bool bfloat16) : base(batch, bfloat16)"))
            {
                foreach (var parameter in graph.Parameters)
                {
                    var shape = string.Join(", ", parameter.Shape.Select(Code.Int));
                    code.Line($"{parameter.Identifier} = Parameter(\"{parameter.Name}\", Init.{parameter.Init}, {Code.Int(parameter.FanIn)}, {(parameter.Packed ? "packed: true" : "packed: false")}, {shape});");
                }

                foreach (var value in graph.Persistent.Where(v => v.Integer))
                {
                    code.Line($"{value.Name} = Integer(\"{value.Name}\", {Shape(value)});");
                }

                foreach (var value in graph.Persistent.Where(v => !v.Integer))
                {
                    code.Line($"{value.Name} = Step(\"{value.Name}\", {Shape(value)});");
                }

                foreach (var phase in graph.Phases.Where(p => p.Saved.Count > 0 && p.Frame is null))
                {
                    code.Line("BeginFrame();");
                    foreach (var value in phase.Saved)
                    {
                        code.Line($"{phase.Name}_saved_{value.Name} = Saved(\"{value.Name}\", {Rounded(value.Root.IsRounded)}, {Shape(value)});");
                    }

                    code.Line($"{phase.Name}_turn = EndFrame(turns: {Code.Int(phase.FrameTurns)});");
                }

                for (var slot = 0; slot < plan.Pool.Count; slot++)
                {
                    var tenants = string.Join("; ", plan.Sections.SelectMany(s => s.Pool.Where(p => p.Value == slot)
                        .Select(p => $"{s.Phase.Name}.{s.Mode} {p.Key.Name} {s.Lifetimes[p.Key].First}..{s.Lifetimes[p.Key].Last}")));
                    code.Line($"Pool{slot} = Pooled(\"Pool{slot}\", \"{tenants}\", {Rounded(plan.Pool[slot].IsRounded)}, {Code.Int(plan.Pool[slot].PerSample)});");
                }

                foreach (var line in plan.Sections.SelectMany(s => s.Launches.Select(l => Scratch(s, l))).OfType<string>().Distinct())
                {
                    code.Line(line);
                }
            }
        }

        return code.ToString();
    }

    private static string? Scratch(Section section, Launch launch)
    {
        var sizes = LocalSlots.Of(section, launch).Sizes;
        var (block, perSample) = launch.Kind switch
        {
            LaunchKind.Rows => ("RowBlock.Rows", Code.Int(launch.Length)),
            LaunchKind.Samples => ("1", "1"),
            _ => ("ColumnBlock.Width", Code.Int(launch.Width)),
        };
        return sizes.Count == 0 ? null : $"Scratch({block}, {perSample}, [{Join(false)}], [{Join(true)}]);";

        string Join(bool rounded) => string.Join(", ", sizes.Where(s => s.IsRounded == rounded).Select(s => Code.Int(s.Elements)));
    }

    private static string Rounded(bool isRounded) => isRounded ? "rounded: true" : "rounded: false";

    /// <summary>What the host asks the plan for: the printed graph, the work of each node, ports and states.</summary>
    public static string Ports(ModelGraph graph)
    {
        var code = new CodeWriter();
        using (code.Block("internal sealed partial class MemoryPlan<TDims>"))
        {
            Declare(code, graph);
        }

        return code.ToString();
    }

    private static void Fields(CodeWriter code, ModelGraph graph, MemoryPlan plan)
    {
        foreach (var parameter in graph.Parameters)
        {
            code.Line($"public readonly int {parameter.Identifier};");
        }

        var offsets = graph.Persistent.Select(v => v.Name)
            .Concat(graph.Phases.Where(p => p.Saved.Count > 0 && p.Frame is null).SelectMany(p => p.Saved.Select(v => $"{p.Name}_saved_{v.Name}").Append($"{p.Name}_turn")))
            .Concat(Enumerable.Range(0, plan.Pool.Count).Select(i => $"Pool{i}"));
        foreach (var name in offsets)
        {
            code.Line($"public readonly long {name};");
        }
    }

    private static void Declare(CodeWriter code, ModelGraph graph)
    {
        using (code.Block("protected override void Declare()"))
        {
            foreach (var line in Ir.Printer.Print(graph))
            {
                code.Line($"Graph(\"{line.TrimEnd()}\");");
            }

            foreach (var phase in graph.Phases)
            {
                var turns = phase.Loops.Count == 0 ? "1L" : string.Join(" * ", phase.Loops.Select(l => char.IsDigit(l.Count[0]) ? l.Count + "L" : "TDims." + l.Count));
                code.Line($"BeginWork(\"{phase.Name}\", turns: {turns}, gradientTurns: {phase.Turns.ToCSharp(name => "TDims." + name)});");
                foreach (var instr in phase.Forward.Where(i => i.Operator is not null))
                {
                    var names = string.Join(", ", instr.Parameters.Values.Select(v => v.Identifier));
                    code.Line($"Work(\"{instr.Path}\", \"{instr.Operator!.Name}\", {Ir.Printer.Flops(instr, name => name == "b" ? "1L" : "TDims." + name)}{(names.Length == 0 ? "" : ", " + names)});");
                }
            }

            foreach (var port in graph.Ports)
            {
                var gradient = port.HasGradient && graph.Gradients.TryGetValue(port.Value, out var buffer) ? buffer.Name : "-1";
                code.Line($"Port(\"{port.Name}\", {port.Value.Name}, {(port.Value.Integer ? "integer: true" : "integer: false")}, {(port.IsInput ? "input: true" : "input: false")}, gradient: {gradient}, {Shape(port.Value)});");
            }

            foreach (var state in graph.States)
            {
                code.Line($"State(\"{state.Value.Name}\", \"{state.Init}\", {state.Value.Name}, {Shape(state.Value)});");
            }
        }
    }

    private static string Shape(Value value) => string.Join(", ", value.Shape.Skip(1).Select(Code.Int).DefaultIfEmpty("1"));
}
