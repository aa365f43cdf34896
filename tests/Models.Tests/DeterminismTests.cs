using Graph.Execution;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Same seed, same bits, for any number of threads (architecture.md 3.7): twenty whole training steps of each family.</summary>
public sealed class DeterminismTests
{
    private const int Batch = 8;

    public static TheoryData<string> Families => ["trm", "trm-mlp", "mamba2", "mamba2-mlp"];

    [Theory]
    [MemberData(nameof(Families))]
    public void Twenty_steps_have_the_same_bits_on_one_and_two_threads(string family)
    {
        var one = Train(family, 1);
        Assert.Equal(one, Train(family, 2));
        Assert.Equal(one, Train(family, 2));
        Assert.All(one, w => Assert.True(float.IsFinite(w)));
    }

    private static float[] Train(string family, int threads)
    {
        using RecursiveModel model = family switch
        {
            "trm" => TrmAttention.Grid6.Create(Batch, threads),
            "trm-mlp" => TrmMlpT.Grid6.Create(Batch, threads),
            "mamba2" => Mamba2Attention.Grid6.Create(Batch, threads),
            _ => Mamba2MlpT.Grid6.Create(Batch, threads),
        };
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
