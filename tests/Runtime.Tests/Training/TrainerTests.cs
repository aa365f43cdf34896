using Graph.Tests;
using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class TrainerTests
{
    private static readonly int[] Tokens = [1, 1, 2, 2];
    private static readonly int[] Labels = [0, -100, -100, -100];

    [Fact]
    public void ResetsTouchOnlyHaltedSlots()
    {
        using var model = new FakeModel(2, 2, 3, 0, ("w", [4]));
        ((float[])[5, 6]).CopyTo(model.States[0].InitRow, 0);
        var trainer = new Trainer(model, new TrainerOptions { TotalSteps = 4 });
        trainer.Carry.Halted[1] = false;
        model.Floats(model.States[0].Port).Fill(9);
        trainer.Step(Tokens, Labels, []);
        Assert.Equal([5, 6, 5, 6, 9, 9, 9, 9], model.Floats(model.States[0].Port).ToArray());
        Assert.Equal([1, 1, 0, 0], model.Ints(model.Ports["tokens"]).ToArray());
    }

    [Fact]
    public void MetricsCountHaltedSlotsWithLabels()
    {
        using var model = new FakeModel(2, 2, 3, 0, ("w", [4]));
        var trainer = new Trainer(model, new TrainerOptions { TotalSteps = 9, HaltMaxSteps = 1, WarmupSteps = 4, LearningRate = 2 });
        model.OnStep = (fake, _, _) =>
        {
            fake.Floats("loss").Fill(2);
            fake.Floats("haltLoss").Fill(3);
            fake.Floats("loss.exact").Fill(1);
            fake.Floats("loss.accuracy").Fill(0.5f);
        };
        TrainStepResult result = trainer.Step(Tokens, Labels, []);
        Assert.Equal(new TrainStepResult(1, 0.5, 7, 4, 6, 1, 0.5, 1, 1, 1, 0), result);
    }

    [Fact]
    public void ClippingAndGroupsReachTheOptimiser()
    {
        using var model = new FakeModel(2, 2, 3, 0, ("a", [1]), ("b", [1]));
        model.Weights.Fill(1);
        var options = new TrainerOptions { TotalSteps = 9, WarmupSteps = 0, LearningRate = 0.5, WeightDecay = 0.5, ClipNorm = 1, Groups = [new ParameterGroup(["b"], Decays: false)], Optimizer = OptimizerKind.AdamW };
        var trainer = new Trainer(model, options);
        model.OnStep = (fake, _, _) => ((float[])[0, 4]).CopyTo(fake.Gradients);
        Assert.Equal(4, trainer.Step(Tokens, Labels, []).GradientNorm);
        Assert.Equal(0.75f, model.Weights[0]);
        Assert.Equal(0.5f, model.Weights[1], 1e-5f);
        Assert.Equal(0.1f, trainer.Optimizer.FirstMoment[1], 1e-6f);
    }

    [Fact]
    public void AveragedWeightsAreBorrowed()
    {
        using var model = new FakeModel(2, 2, 3, 0, ("w", [1]));
        model.Weights[0] = 1;
        var trainer = new Trainer(model, new TrainerOptions { TotalSteps = 9, WarmupSteps = 0, LearningRate = 0.5, EmaRate = 0.5, WeightDecay = 1 });
        trainer.Step(Tokens, Labels, []);
        using (trainer.UseAveraged())
        {
            Assert.Equal(0.75f, model.Weights[0]);
            Assert.Throws<InvalidOperationException>(() => trainer.Step(Tokens, Labels, []));
            Assert.Throws<InvalidOperationException>(trainer.UseAveraged);
        }

        Assert.Equal(0.5f, model.Weights[0]);
        Assert.Equal(3, model.Repacked);
    }

    [Fact]
    public void BadInputIsRefusedBeforeTheModelRuns()
    {
        using var model = new FakeModel(2, 2, 3, 4, ("w", [1]));
        model.Weights[0] = 1;
        var trainer = new Trainer(model, new TrainerOptions { TotalSteps = 9, PuzzleIdentifiers = 2 });
        model.OnStep = (fake, _, _) => fake.Floats("loss").Fill(float.NaN);
        Assert.Contains("token 3", Assert.Throws<GraphException>(() => trainer.Step([1, 1, 3, 1], Labels, [0, 0])).Message, StringComparison.Ordinal);
        Assert.Contains("label -1", Assert.Throws<GraphException>(() => trainer.Step(Tokens, [0, 0, 0, -1], [0, 0])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => trainer.Step(Tokens, Labels, []));
        Assert.Throws<ArgumentException>(() => trainer.Step([], Labels, [0, 0]));
        Assert.Contains("diverged", Assert.Throws<GraphException>(() => trainer.Step(Tokens, Labels, [0, 1])).Message, StringComparison.Ordinal);
        Assert.Equal(1, model.Weights[0]);
        Assert.Equal(0, trainer.StepCount);
    }

    [Theory]
    [InlineData("learning rate")]
    [InlineData("exploration")]
    [InlineData("supervision steps")]
    [InlineData("EMA rate")]
    [InlineData("beta1")]
    public void BadOptionsAreNamed(string what)
    {
        using var model = new FakeModel(1, 1, 2, 0, ("w", [1]));
        var good = new TrainerOptions { TotalSteps = 1 };
        TrainerOptions bad = what switch
        {
            "learning rate" => good with { LearningRate = double.NaN },
            "exploration" => good with { ExplorationProbability = 1.1 },
            "supervision steps" => good with { HaltMaxSteps = 0 },
            "EMA rate" => good with { EmaRate = 1 },
            _ => good with { Beta1 = -1 },
        };
        Assert.Contains(what, Assert.Throws<GraphException>(() => new Trainer(model, bad)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARunStopsExactlyAtItsLastStep()
    {
        using var model = new FakeModel(2, 2, 3, 0, ("w", [1]));
        model.Weights[0] = 1;
        var trainer = new Trainer(model, new TrainerOptions { TotalSteps = 2, WarmupSteps = 0, LearningRate = 0.5 });
        trainer.Step(Tokens, Labels, []);
        trainer.Step(Tokens, Labels, []);
        Assert.True(trainer.Finished);
        (float weight, float average) = (model.Weights[0], trainer.Ema!.Shadow[0]);
        Assert.Contains("ended after 2 steps", Assert.Throws<InvalidOperationException>(() => trainer.Step(Tokens, Labels, [])).Message, StringComparison.Ordinal);
        Assert.Equal((weight, average, 2), (model.Weights[0], trainer.Ema.Shadow[0], trainer.StepCount));
    }

    [Fact]
    public void AWarmStepAllocatesNothing()
    {
        using var model = new FakeModel(2, 2, 3, 4, ("w", [37]), ("v", [64]));
        var trainer = new Trainer(model, new TrainerOptions { TotalSteps = 1000, ClipNorm = 1, HaltMaxSteps = 2, PuzzleIdentifiers = 2 });
        int[] puzzles = [1, 1];
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                trainer.Step(Tokens, Labels, puzzles);
            }
        }));
    }

    [Fact]
    public void EvaluationPadsAndKeepsTheRunsState()
    {
        using var model = new FakeModel(2, 2, 3, 4, ("w", [1]));
        model.Floats(model.States[1].Port).Fill(7);
        var table = new SparseTable(3, 4);
        int steps = 0;
        model.OnStep = (fake, gradient, _) =>
        {
            Assert.False(gradient);
            steps++;
            ReadOnlySpan<int> tokens = fake.Ints(fake.Ports["tokens"]);
            Span<float> logits = fake.Floats("logits");
            logits.Clear();
            for (int cell = 0; cell < tokens.Length; cell++)
            {
                // Predicts the token itself; token 0 ties with all others and must win as the lowest index.
                logits[(3 * cell) + tokens[cell]] = tokens[cell] == 0 ? 0 : 1;
            }

            fake.Floats("loss").Fill(0.5f);
            fake.Floats(fake.States[1].Port).Fill(8);
        };
        int[] tokens = [0, 1, 2, 2, 1, 0, 1, 1, 2, 0];
        int[] labels = [0, 1, 2, 1, -100, -100, 1, -100, 0, 0];
        int[] predictions = new int[10];
        EvaluationResult result = new Evaluator(model, table, steps: 3).Run(tokens, labels, [0, 1, 2, 0, 1], predictions);
        Assert.Equal(new EvaluationResult(4, 2, 7, 5, 2) { Steps = 12, HaltAccuracy = 2 }, result);
        Assert.Equal(0.5, result.ExactAccuracy);
        Assert.Equal(5.0 / 7, result.CellAccuracy);
        Assert.Equal(tokens, predictions);
        Assert.Equal(9, steps);
        Assert.All(model.Floats(model.States[1].Port).ToArray(), value => Assert.Equal(7, value));
        Assert.Throws<GraphException>(() => new Evaluator(model, null));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TheSinkGetsEverySampleOnceWithItsQ(bool alsoPredictions)
    {
        using var model = new FakeModel(2, 2, 3, 0, ("w", [1]));
        model.OnStep = (fake, _, _) =>
        {
            ReadOnlySpan<int> tokens = fake.Ints(fake.Ports["tokens"]);
            Span<float> logits = fake.Floats("logits");
            logits.Clear();
            for (int cell = 0; cell < tokens.Length; cell++)
            {
                logits[(3 * cell) + tokens[cell]] = 1;
            }

            // Halt logits, each before the row's continue logit: the first token's value.
            ((float[])[tokens[0], 9, tokens[2], 9]).CopyTo(fake.Floats("halt"));
        };
        var seen = new List<(int Sample, string Predicted, double Q)>();
        int[] tokens = [0, 1, 2, 2, 1, 0];
        new Evaluator(model, null, steps: 1).Run(tokens, tokens, [], alsoPredictions ? new int[6] : [], (sample, predicted, q) => seen.Add((sample, string.Join(' ', predicted.ToArray()), q)));
        Assert.Equal([(0, "0 1", 0.5), (1, "2 2", 1 / (1 + Math.Exp(-2))), (2, "1 0", 1 / (1 + Math.Exp(-1)))], seen);
    }
}
