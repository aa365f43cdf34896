using Graph.Tests;
using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class HaltingTests
{
    private const int Batch = 3, Cells = 20;

    /// <summary>Ten recorded steps: early halts, halts at the last step, halts that a minimum forbids, refills.</summary>
    [Fact]
    public void TenStepsMatchTheRecording()
    {
        using SafetensorsFile golden = GoldenFile.Open("trm-ten-steps-halting");
        using var model = new FakeModel(Batch, Cells, 7, 64, ("w", [1]));
        string prefix = "";
        var trainer = new Trainer(model, golden.Options((_, slot) => golden.Ints(prefix + "in.min_halt_steps")[slot]));
        golden.LoadCarry(trainer.Carry);
        model.OnStep = (fake, _, _) =>
        {
            float[] halt = golden.Floats(prefix + "out.q_halt_logits");
            for (int slot = 0; slot < Batch; slot++)
            {
                fake.Floats("halt")[2 * slot] = halt[slot];
            }
        };
        for (int step = 0; step < 10; step++)
        {
            prefix = step == 0 ? "" : $"s{step}.";
            trainer.Step(golden.Ints(prefix + "in.inputs"), golden.Ints(prefix + "in.labels"), golden.Ints(prefix + "in.puzzle_identifiers"));
            Assert.Equal(golden.Ints(prefix + "out.steps"), trainer.Carry.Steps.ToArray());
            Assert.Equal(golden.Ints(prefix + "out.halted"), trainer.Carry.Halted.ToArray().Select(h => h ? 1 : 0));
            Assert.Equal(golden.Ints(prefix + "out.inputs"), trainer.Carry.Tokens.ToArray());
            Assert.Equal(golden.Ints(prefix + "out.labels"), trainer.Carry.Labels.ToArray());
            Assert.Equal(golden.Ints(prefix + "out.puzzle_identifiers"), trainer.Carry.PuzzleIds.ToArray());
        }

        Assert.True(trainer.Finished);
    }

    [Fact]
    public void ExplorationHasItsDistributionAndRepeats()
    {
        var halting = new HaltingLoop(new TrainerOptions { TotalSteps = 1, HaltMaxSteps = 5, Seed = 3 });
        int[] counts = new int[6];
        for (int step = 1; step <= 20_000; step++)
        {
            counts[halting.MinimumSteps(step, 1)]++;
            Assert.Equal(halting.MinimumSteps(step, 0), halting.MinimumSteps(step, 0));
        }

        Assert.InRange(counts[0], 17_800, 18_200);
        Assert.Equal(0, counts[1]);
        Assert.All(counts[2..], count => Assert.InRange(count, 420, 580));
        Assert.Equal(0, new HaltingLoop(new TrainerOptions { TotalSteps = 1, HaltMaxSteps = 1, ExplorationProbability = 1 }).MinimumSteps(1, 0));
    }
}
