using Graph.Generator.Ir;
using Graph.Generator.Passes;

namespace Graph.Generator.Tests;

/// <summary>Which values a device may store as bfloat16, and that they share memory with their like only.</summary>
public sealed class StoreBfloat16Tests
{
    /// <summary>An operator that lets everything pass, and says so of the places in <c>@forward</c> and <c>@backward</c>.</summary>
    private const string Pass = """
        [Operator("x: b t n -> y: b t n")]
        public readonly struct PassOperator : ITileOperator
        {
            [Launch(Pass.Forward, "b", Gpu = true, Bfloat16 = "@forward")] public static void Run(in Graph.Execution.Worker worker, long unit, Graph.Execution.Ref x, Graph.Execution.Ref y) { }
            [Launch(Pass.Backward, "b", Gpu = true, Bfloat16 = "@backward")] public static void Back(in Graph.Execution.Worker worker, long unit, Graph.Execution.Ref dy, Graph.Execution.Ref dx) { }
        }
        public sealed class PassAttribute : OperatorAttribute<PassOperator>;
        """;

    public static TheoryData<string> Models { get; } = [.. Specs.Shipped.Keys];

    [Theory]
    [InlineData("x y", "dy dx", "n n_s-not a d_a d_n d_y p d_p")]
    [InlineData("x", "dy", "n a p-not d_a-not d_p d_n d_y")]
    [InlineData("", "", "n a-not p-not d_a-not d_p-not d_n d_y")]
    public void What_all_its_launches_take_is_stored_so(string forward, string backward, string expected)
    {
        var (graph, _) = Lower(Specs.Of(TestModels.Of(
            """
            [RmsNorm(1e-5)] public Node n;
            [SiLU] public Node a;
            [Pass] public Node p;
            [Linear(outputs: "d")] public Node y;
            """,
            Pass.Replace("@forward", forward, StringComparison.Ordinal).Replace("@backward", backward, StringComparison.Ordinal))));
        var values = Values(graph).Where(v => !v.IsPersistent).ToDictionary(v => v.Name);
        foreach (var name in expected.Split(' '))
        {
            var isNot = name.EndsWith("-not", StringComparison.Ordinal);
            Assert.True(values[isNot ? name[..^4] : name].IsRounded != isNot, name);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_lives_for_the_step_and_sums_stay_float32(string model)
    {
        var (graph, plan) = Lower(Specs.Shipped[model]);
        var kept = graph.Persistent.Concat(graph.Phases.SelectMany(p => p.Forward.Concat(p.Backward)).SelectMany(i => i.Reads.Concat(i.Writes))
            .Where(o => o.Role is "s" or "partial" or "lse").Select(o => o.Value.Root));
        Assert.All(kept, value => Assert.False(value.IsRounded, value.Name));
        Assert.All(graph.Phases.Where(p => p.Frame is not null), p => Assert.Equal(p.Frame!.Saved.Select(v => v.IsRounded), p.Saved.Select(v => v.IsRounded)));

        // Most of what a step moves: every wide value between kernels.
        var between = plan.Sections.SelectMany(s => s.Storage.Keys).Where(v => !v.Integer).Distinct().ToList();
        Assert.InRange(between.Count(v => v.IsRounded), between.Count / 2, between.Count);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Scratch_is_shared_by_values_of_one_format(string model)
    {
        var (_, plan) = Lower(Specs.Shipped[model]);
        foreach (var section in plan.Sections)
        {
            foreach (var slots in section.Launches.Select(launch => LocalSlots.Of(section, launch)))
            {
                Assert.All(slots.Slot, slot => Assert.Equal(slots.Sizes[slot.Value].IsRounded, slot.Key.IsRounded));
            }
        }
    }

    private static IEnumerable<Value> Values(ModelGraph graph) =>
        graph.Phases.SelectMany(p => p.Forward.Concat(p.Backward)).SelectMany(i => i.Reads.Concat(i.Writes)).Select(o => o.Value.Root).Distinct();

    private static (ModelGraph Graph, MemoryPlan Plan) Lower(Generator.Specs.ModelSpec spec)
    {
        var pass = "";
        return ModelCompiler.Lower(spec, ref pass);
    }
}
