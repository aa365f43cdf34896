using Graph.Execution;

namespace Graph.Generator.Tests;

/// <summary>A model without loops runs whole samples through one region; its scratch is planned, so a sample has no fixed limit.</summary>
public sealed class LargeSampleTests
{
    [Fact]
    public void Sample_of_more_than_a_million_floats_of_scratch_trains()
    {
        var source = TestModels.Of("[SwiGlu(hidden: \"f\")] public Node y;").Replace("t = 24", "t = 4096", StringComparison.Ordinal).Replace("f = 64", "f = 192", StringComparison.Ordinal);
        using var model = GeneratorRun.Of(source).Load(batch: 2, threads: 2);
        Assert.InRange(((CompiledProgram)model).Table.BlockScratch, 1_000_000, long.MaxValue);

        var random = new Random(3);
        foreach (var tensor in new[] { "weights", "x" })
        {
            foreach (ref var value in tensor == "x" ? model.Floats(model.Ports["x"]) : model.Weights)
            {
                value = (float)(random.NextDouble() - 0.5);
            }
        }

        model.WeightsChanged();
        model.Step(gradient: true);
        foreach (var loss in model.Floats(model.Ports["loss"]))
        {
            Assert.InRange(loss, 0.1f, 10f);
        }

        // Every row of both samples got its gradient: none was left out at the end of a sample.
        var gradient = model.GradientOf(model.Ports["x"]).ToArray();
        Assert.Equal(2 * 4096 * 32, gradient.Length);
        Assert.All(gradient.Chunk(32), row => Assert.Contains(row, g => g != 0 && float.IsFinite(g)));
    }
}
