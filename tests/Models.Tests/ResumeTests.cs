using Graph.Execution;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>A run that is stopped and resumed, in a new model and trainer, leaves the same bytes as one that never stopped.</summary>
public sealed class ResumeTests : IDisposable
{
    private const int Batch = 4;
    private const int Identifiers = 5;
    private const int Steps = 12;

    private readonly string folder = Directory.CreateTempSubdirectory("graph-resume-").FullName;

    public static TheoryData<string> Kinds => ["trm", "mamba2", "mamba2-micro", "continue", "hrm"];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_resumed_run_has_the_same_bits(string kind)
    {
        var straight = Finish(kind, "straight", []);
        Assert.Equal(straight, Finish(kind, "each", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
        Assert.Equal(straight, Finish(kind, "some", [1, 5, 11]));
        Assert.Equal(straight, Finish(kind, "threads", [4, 7], threads: 2));
    }

    /// <summary>Trains to the end with stops after the given steps; returns the last checkpoint's bytes.</summary>
    private byte[] Finish(string kind, string name, int[] stops, int threads = 1)
    {
        var store = new CheckpointStore(Path.Combine(folder, name), keep: 1);
        foreach (var stop in (int[])[.. stops, Steps])
        {
            using var model = Create(kind, threads);
            Initializer.Fill(model, (ulong)stop);
            if (stop == (stops.Length == 0 ? Steps : stops[0]))
            {
                Initializer.Fill(model, 7);
            }

            var trainer = new Trainer(model, Options(kind));
            var resumed = store.Resume(trainer);
            Assert.Empty(resumed?.Notices ?? []);
            var data = new TrainingData(model, trainer.Carry.Batch * trainer.Options.SupervisionSteps, Identifiers);
            while (trainer.StepCount < stop)
            {
                data.Step(trainer);
            }

            store.Save(trainer, new RunState { Sampler = "here" });
        }

        return File.ReadAllBytes(Assert.Single(store.Paths));
    }

    private static RecursiveModel Create(string kind, int threads) => kind switch
    {
        "trm" => TrmAttention.Tiny.Create(Batch, threads),
        "continue" => TrmContinue.Tiny.Create(Batch, threads),
        "hrm" => Hrm.Grid4.Create(Batch, threads),
        _ => Mamba2Attention.Tiny.Create(Batch, threads),
    };

    private static TrainerOptions Options(string kind)
    {
        var options = new TrainerOptions
        {
            TotalSteps = Steps, LearningRate = 1e-3, WarmupSteps = 3, MinimumLearningRateRatio = 0.1, HaltMaxSteps = 3, ExplorationProbability = 0.5,
            PuzzleIdentifiers = Identifiers, PuzzleLearningRate = 1e-2, EmaRate = 0.9, ClipNorm = 1, Seed = 5,
        };
        return kind == "mamba2-micro"
            ? options with { MicroBatches = 2, SupervisionSteps = 2, FrozenTrunkSteps = 3, Groups = [ParameterGroup.WithoutDecay], Optimizer = OptimizerKind.ScaledAdamATan2 }
            : options;
    }
}
