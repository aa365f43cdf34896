using Graph.Execution;
using Graph.Tests;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Several passes that make one update.</summary>
public sealed class AccumulationTests
{
    private const int Identifiers = 3;

    /// <summary>AdamW with its epsilon, because atan2 turns the rounding of a gradient near zero into a whole step.</summary>
    private static readonly TrainerOptions Options = new()
    {
        TotalSteps = 100, LearningRate = 1e-3, WarmupSteps = 0, HaltMaxSteps = 3, ExplorationProbability = 0.3, PuzzleIdentifiers = Identifiers,
        Optimizer = OptimizerKind.AdamW, Epsilon = 1e-3, Seed = 5,
    };

    [Theory]
    [InlineData("trm", 2)]
    [InlineData("trm", 4)]
    [InlineData("mamba2", 2)]
    [InlineData("hrm", 2)]
    public void Micro_batches_equal_the_big_batch(string kind, int parts)
    {
        using RecursiveModel big = Create(kind, 8), small = Create(kind, 8 / parts);
        Trainer whole = Start(big, Options), pieces = Start(small, Options with { MicroBatches = parts });
        TrainingData a = new(big, 8, Identifiers), b = new(small, 8, Identifiers);
        for (var step = 0; step < 8; step++)
        {
            TrainStepResult expected = a.Step(whole), actual = b.Step(pieces);
            Assert.Equal(expected.Loss, actual.Loss, 1e-4 * expected.Loss);
            Assert.Equal((expected.Count, expected.Exact, expected.Steps), (actual.Count, actual.Exact, actual.Steps));
            Assert.Equal(whole.Carry.Tokens.ToArray(), pieces.Carry.Tokens.ToArray());
            Assert.Equal(whole.Carry.Steps.ToArray(), pieces.Carry.Steps.ToArray());
        }

        Assert.InRange(GoldenRun.RelativeError(small.Weights, big.Weights), 0, 1e-5);
        Assert.InRange(GoldenRun.RelativeError(pieces.Optimizer.FirstMoment, whole.Optimizer.FirstMoment), 0, 1e-4);
        Assert.InRange(GoldenRun.RelativeError(pieces.Puzzles!.Rows, whole.Puzzles!.Rows), 0, 1e-2);
    }

    /// <summary>With one part the gradients are the model's own, so the sum of two turns must be the mean of the two single steps.</summary>
    [Fact]
    public void Two_supervision_steps_average_their_gradients()
    {
        using RecursiveModel one = Create("trm", 4), two = Create("trm", 4);
        Trainer single = Start(one, Options with { LearningRate = 0, PuzzleLearningRate = 0 });
        Trainer twice = Start(two, Options with { SupervisionSteps = 2, ClipNorm = 1e9, LearningRate = 0, PuzzleLearningRate = 0 });
        var data = new TrainingData(one, 8, Identifiers);
        data.Draw(0);
        var half = data.Tokens.Length / 2;
        var mean = new float[one.Weights.Length];
        var loss = 0.0;
        for (var turn = 0; turn < 2; turn++)
        {
            loss += single.Step(data.Tokens.AsSpan(turn * half, half), data.Labels.AsSpan(turn * half, half), data.Ids.AsSpan(turn * 4, 4)).Loss;
            for (var i = 0; i < mean.Length; i++)
            {
                mean[i] += one.Gradients[i] / 2;
            }
        }

        var result = twice.Step(data.Tokens, data.Labels, data.Ids);
        Assert.Equal(1, twice.StepCount);
        Assert.Equal(loss, result.Loss, 1e-6 * loss);
        Assert.Equal(GradientNorm.Of(mean), result.GradientNorm, 1e-5);
        Assert.Equal(single.Carry.Steps.ToArray(), twice.Carry.Steps.ToArray());
        Assert.Equal(one.Floats(one.States[0].Port).ToArray(), two.Floats(two.States[0].Port).ToArray());
    }

    [Fact]
    public void Bits_are_independent_of_threads_and_a_warm_step_allocates_nothing()
    {
        float[]? first = null;
        foreach (var threads in (int[])[1, 2])
        {
            using var model = TrmContinue.Tiny.Create(2, threads);
            Initializer.Fill(model, 7);
            var trainer = new Trainer(model, Options with { MicroBatches = 2, SupervisionSteps = 2, ClipNorm = 1, Groups = [ParameterGroup.WithoutDecay], Optimizer = OptimizerKind.ScaledAdamATan2 });
            var data = new TrainingData(model, 8, Identifiers);
            data.Step(trainer);
            Assert.Equal(0, Allocation.Of(() =>
            {
                for (var step = 0; step < 10; step++)
                {
                    trainer.Step(data.Tokens, data.Labels, data.Ids);
                }
            }));
            first ??= model.Weights.ToArray();
            Assert.Equal(first, model.Weights.ToArray());
        }
    }

    private static RecursiveModel Create(string kind, int batch) => kind switch
    {
        "trm" => TrmAttention.Tiny.Create(batch, 1),
        "hrm" => Hrm.Grid4.Create(batch, 1),
        _ => Mamba2Attention.Tiny.Create(batch, 1),
    };

    private static Trainer Start(RecursiveModel model, TrainerOptions options)
    {
        Initializer.Fill(model, 7);
        return new Trainer(model, options);
    }
}
