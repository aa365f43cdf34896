using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private static readonly int[] Tokens = [1, 1, 2, 2];
    private static readonly int[] Labels = [0, 2, -100, 1];
    private static readonly int[] Puzzles = [2, 0];

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"graph-{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void AResumedRunIsTheSameRun()
    {
        using FakeModel straight = Model(seed: 1), resumed = Model(seed: 2);
        Trainer first = Run(straight, steps: 7);
        Checkpoint.Save(first, _path, new Dictionary<string, string> { ["identifiers"] = "abc" });
        var second = new Trainer(resumed, Options);
        Checkpoint.Resume(second, _path);
        Assert.Equal(7, second.StepCount);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(first.Step(Tokens, Labels, Puzzles), second.Step(Tokens, Labels, Puzzles));
        }

        Assert.Equal(straight.Weights.ToArray(), resumed.Weights.ToArray());
        Assert.Equal(first.Ema!.Shadow.ToArray(), second.Ema!.Shadow.ToArray());
        Assert.Equal(first.Puzzles!.Rows.ToArray(), second.Puzzles!.Rows.ToArray());
        Assert.Equal(first.Carry.Steps.ToArray(), second.Carry.Steps.ToArray());
        Assert.Equal(straight.Floats(straight.States[0].Port).ToArray(), resumed.Floats(resumed.States[0].Port).ToArray());
        Assert.Equal(straight.States[1].InitRow, resumed.States[1].InitRow);
        using var file = SafetensorsFile.Open(_path);
        Assert.Equal("abc", file.Metadata["identifiers"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WeightsLoadAlone(bool averaged)
    {
        using FakeModel trained = Model(seed: 1), target = Model(seed: 2);
        Trainer trainer = Run(trained, steps: 5);
        Checkpoint.Save(trainer, _path);
        var table = new SparseTable(3, 4);
        Checkpoint.LoadWeights(target, table, _path, averaged);
        Assert.Equal((averaged ? trainer.Ema!.Shadow : trained.Weights).ToArray(), target.Weights.ToArray());
        Assert.Equal(trainer.Puzzles!.Rows.ToArray(), table.Rows.ToArray());
    }

    [Fact]
    public void PyTorchPrefixesAreSkipped()
    {
        using FakeModel target = Model(seed: 2);
        float[] embedding = [1, 2, 3, 4, 5, 6], row = [7, 8];
        var writer = new SafetensorsWriter();
        writer.Add("_orig_mod.module.inner.embed", [3, 2], (ReadOnlyMemory<float>)embedding);
        writer.Add("_orig_mod.inner.bias", [2], (ReadOnlyMemory<float>)row);
        writer.Add("module.inner.H_init", [2], (ReadOnlyMemory<float>)row);
        writer.Add("inner.L_init", [2], (ReadOnlyMemory<float>)row);
        writer.Save(_path);
        Checkpoint.LoadWeights(target, null, _path);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], target.Weights.ToArray());
        Assert.Equal(row, target.States[0].InitRow);
        string message = Assert.Throws<GraphException>(() => Checkpoint.Resume(new Trainer(target, Options), _path)).Message;
        Assert.Contains("'graph-1'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AllDifferencesAreListedAndNothingChanges()
    {
        using FakeModel target = Model(seed: 2);
        float[] before = target.Weights.ToArray();
        float[] six = new float[6], two = new float[2];
        int[] whole = new int[2];
        var writer = new SafetensorsWriter();
        writer.Add("inner.embed", [2, 3], (ReadOnlyMemory<float>)six);
        writer.Add("inner.bias", [2], (ReadOnlyMemory<int>)whole);
        writer.Add("inner.H_init", [2], (ReadOnlyMemory<float>)two);
        writer.Add("inner.surplus", [2], (ReadOnlyMemory<float>)two);
        writer.Save(_path);
        string message = Assert.Throws<GraphException>(() => Checkpoint.LoadWeights(target, null, _path)).Message;
        Assert.Contains("'inner.embed' has shape [2, 3], expected [3, 2]", message, StringComparison.Ordinal);
        Assert.Contains("'inner.bias' is I32, expected floats", message, StringComparison.Ordinal);
        Assert.Contains("'inner.L_init' is missing", message, StringComparison.Ordinal);
        Assert.Contains("'inner.surplus' is unknown", message, StringComparison.Ordinal);
        Assert.Equal(before, target.Weights.ToArray());
    }

    [Fact]
    public void AnotherOptimiserIsRefused()
    {
        using FakeModel model = Model(seed: 1);
        Checkpoint.Save(Run(model, steps: 1), _path);
        var other = new Trainer(model, Options with { Optimizer = OptimizerKind.AdamW });
        Assert.Contains("'adam-atan2'", Assert.Throws<GraphException>(() => Checkpoint.Resume(other, _path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("9223372036854775807")]
    public void AWrongStepIsRefused(string step)
    {
        using FakeModel model = Model(seed: 1);
        var writer = new SafetensorsWriter { Metadata = { ["format"] = "graph-1", ["optimizer"] = "adam-atan2", ["step"] = step } };
        writer.Save(_path);
        Assert.Contains("'step'", Assert.Throws<GraphException>(() => Checkpoint.Resume(new Trainer(model, Options), _path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CarriedTokensOutsideTheVocabularyAreRefused()
    {
        using FakeModel model = Model(seed: 1), target = Model(seed: 2);
        Trainer trainer = Run(model, steps: 1);
        trainer.Carry.Tokens[3] = 99;
        Checkpoint.Save(trainer, _path);
        float[] before = target.Weights.ToArray();
        Assert.Contains("token 99", Assert.Throws<GraphException>(() => Checkpoint.Resume(new Trainer(target, Options), _path)).Message, StringComparison.Ordinal);
        Assert.Equal(before, target.Weights.ToArray());
    }

    private static TrainerOptions Options => new() { TotalSteps = 20, WarmupSteps = 3, PuzzleIdentifiers = 3, EmaRate = 0.9, HaltMaxSteps = 3, LearningRate = 0.01 };

    private static Trainer Run(FakeModel model, int steps)
    {
        var trainer = new Trainer(model, Options);
        for (int i = 0; i < steps; i++)
        {
            trainer.Step(Tokens, Labels, Puzzles);
        }

        return trainer;
    }

    /// <summary>Gradients, states and halting depend on weights, states and puzzle vectors, so that anything not restored shows.</summary>
    private static FakeModel Model(ulong seed)
    {
        var model = new FakeModel(2, 2, 3, 4, ("inner.embed", [3, 2]), ("inner.bias", [2]));
        Initializer.Fill(model, seed);
        model.OnStep = static (fake, _, scale) =>
        {
            Span<float> state = fake.Floats(fake.States[0].Port);
            for (int i = 0; i < state.Length; i++)
            {
                state[i] = MathF.Sin(state[i] + fake.Weights[i] + fake.Floats("puzzle")[i] + fake.Ints(fake.Ports["tokens"])[i / 2 % 4]);
                fake.Gradients[i] = state[i] * scale;
                fake.GradientOf(fake.Ports["puzzle"])[i] = state[i];
            }

            fake.Floats("halt")[0] = state[0];
            fake.Floats("halt")[2] = state[7];
            fake.Floats("loss")[0] = state[3];
        };
        return model;
    }
}
