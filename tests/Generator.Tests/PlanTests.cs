using Graph.Generator.Ir;
using Graph.Generator.Passes;

namespace Graph.Generator.Tests;

/// <summary>What must hold of the graph and the memory plan of every model, looked up in the IR of those that ship.</summary>
public sealed class PlanTests
{
    public static TheoryData<string> Models { get; } = [.. Specs.Shipped.Keys];

    [Theory]
    [MemberData(nameof(Models))]
    public void Pool_slots_are_never_shared_by_values_that_live_at_the_same_time(string model)
    {
        var (_, plan) = Lower(model);
        var shared = 0;
        foreach (var section in plan.Sections)
        {
            foreach (var slot in section.Pool.GroupBy(p => p.Value))
            {
                var tenants = slot.Select(p => (Value: p.Key, Life: section.Lifetimes[p.Key])).OrderBy(t => t.Life.First).ToList();
                Assert.All(tenants, t => Assert.Equal(plan.Pool[slot.Key], (t.Value.PerSample, t.Value.IsRounded)));
                for (var i = 1; i < tenants.Count; i++)
                {
                    shared++;
                    Assert.True(tenants[i - 1].Life.Last < tenants[i].Life.First, $"{section.Phase.Name}.{section.Mode}: {tenants[i - 1].Value} and {tenants[i].Value} in Pool{slot.Key}");
                }
            }
        }

        Assert.True(shared > 0, "the plan takes no slot twice: it does not save memory");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Everything_is_written_before_it_is_read(string model)
    {
        var (_, plan) = Lower(model);
        foreach (var section in plan.Sections)
        {
            var written = new HashSet<Value>();
            foreach (var instr in section.Launches.SelectMany(l => l.Instrs))
            {
                foreach (var root in instr.Reads.Select(r => r.Value.Root).Where(r => !r.IsPersistent && !written.Contains(r)))
                {
                    Assert.True(section.Mode == "Backward" && section.Phase.Saved.Any(s => s.Root == root), $"{section.Phase.Name}.{section.Mode}: {instr.Kind} of {instr.Path} reads {root}");
                }

                written.UnionWith(instr.Writes.Select(w => w.Value.Root));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Scratch_and_registers_do_not_outlive_their_launch(string model)
    {
        var (_, plan) = Lower(model);
        foreach (var section in plan.Sections)
        {
            foreach (var (value, storage) in section.Storage.Where(s => s.Value is Storage.Local or Storage.Register))
            {
                var steps = section.Launches.SelectMany(l => l.Steps.Select(s => (Launch: l, Step: s)))
                    .Where(s => s.Step.Instrs.Any(i => i.Reads.Concat(i.Writes).Any(o => o.Value.Root == value))).ToList();
                Assert.Single(steps.Select(s => s.Launch).Distinct());
                if (storage == Storage.Register)
                {
                    Assert.NotNull(Assert.Single(steps).Step.Kernel);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_use_of_a_parameter_has_its_gradient(string model)
    {
        var (graph, _) = Lower(model);
        Assert.NotEmpty(graph.Parameters);
        foreach (var phase in graph.Phases)
        {
            var used = phase.Forward.SelectMany(i => i.Parameters.Values).ToHashSet();
            var reached = phase.Backward.Where(i => i.Kind is InstrKind.WeightGradient or InstrKind.ReducePartial or InstrKind.Tile).SelectMany(i => i.Parameters.Values).ToHashSet();
            Assert.Subset(reached, used);
        }
    }

    [Fact]
    public void Two_parameters_of_one_row_are_summed_by_two_kernels()
    {
        var (graph, plan) = Lower(Specs.Of(TestModels.Of("""
            [FeatureScale] public Node scaled;
            [FeatureBias] public Node y;
            """)));
        Assert.Equal(["scaled.weight", "y.bias"], graph.Phases.SelectMany(p => p.Backward).Where(i => i.Kind == InstrKind.ReducePartial).Select(i => i.Parameters.Values.Single().Name).Order());
        Assert.All(
            plan.Sections.SelectMany(s => s.Launches).SelectMany(l => l.Steps).Where(s => s.Kernel is not null),
            step => Assert.True(step.Instrs.SelectMany(i => i.Writes).Count(w => w.Role == "partial") <= 1));
    }

    [Fact]
    public void Gradients_of_a_shared_weight_are_added_one_launch_after_the_other()
    {
        var (_, plan) = Lower(Specs.Of(TestModels.Of("""
            [Linear(outputs: "d", name: "w")] public Node a;
            [Linear(outputs: "d", name: "w")] public Node y;
            """)));
        var launches = plan.Sections.SelectMany(s => s.Launches).Where(l => l.Kind == LaunchKind.Parameters).ToList();
        Assert.Equal(2, launches.SelectMany(l => l.Instrs).Count(i => i.Parameters.Values.Single().Name == "w.weight"));
        Assert.All(launches, l => Assert.Equal(l.Steps.Count, l.Instrs.Select(i => i.Parameters.Values.Single()).Distinct().Count()));
    }

    private static (ModelGraph Graph, MemoryPlan Plan) Lower(string model) => Lower(Specs.Shipped[model]);

    private static (ModelGraph Graph, MemoryPlan Plan) Lower(Generator.Specs.ModelSpec spec)
    {
        var pass = "";
        return ModelCompiler.Lower(spec, ref pass);
    }
}
