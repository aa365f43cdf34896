using Graph.Execution;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Same seed, same bits, for any number of threads (architecture.md 3.7): twenty whole training steps of each family.</summary>
public sealed class DeterminismTests
{
    private const int Batch = 8;

    public static TheoryData<string, bool> Runs
    {
        get
        {
            var runs = new TheoryData<string, bool>();
            foreach (var family in ShippedModels.Names)
            {
                runs.Add(family, false);
                runs.Add(family, true);
            }

            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Twenty_steps_have_the_same_bits_on_one_and_two_threads(string family, bool bfloat16)
    {
        var one = Train(family, 1, bfloat16);
        Assert.Equal(one, Train(family, 2, bfloat16));
        Assert.Equal(one, Train(family, 2, bfloat16));
        Assert.All(one, w => Assert.True(float.IsFinite(w)));
    }

    private static float[] Train(string family, int threads, bool bfloat16)
    {
        using var model = ShippedModels.Create(family, "grid6", Batch, device: Device.Cpu(threads, bfloat16: bfloat16));
        Initializer.Fill(model, 7);
        var trainer = new Trainer(model, new TrainerOptions { TotalSteps = 20, LearningRate = 1e-3, WarmupSteps = 5, HaltMaxSteps = 4, Seed = 7 });
        var cells = model.Ports["tokens"].Shape[1];
        var tokens = new int[Batch * cells];
        var labels = new int[Batch * cells];
        for (var step = 0; step < 20; step++)
        {
            var random = new CounterRandom(7, step, 0, 9);
            for (var i = 0; i < tokens.Length; i++)
            {
                tokens[i] = random.NextInt(1, 7);
                labels[i] = random.NextInt(2, 7);
            }

            trainer.Step(tokens, labels, new int[Batch]);
        }

        return model.Weights.ToArray();
    }
}
