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
        Checkpoint.Save(first, _path, new RunState { Sampler = "at 7", Configuration = "{}", Identifiers = ["a", "", "é"], Validation = 0.1 });
        var second = new Trainer(resumed, Options);
        ResumedRun run = Checkpoint.Resume(second, _path);
        Assert.Equal((_path, 7, "at 7", "{}", 0.1), (run.Path, run.Step, run.State.Sampler, run.State.Configuration, run.State.Validation));
        Assert.Equal(["a", "", "é"], run.State.Identifiers);
        Assert.Empty(run.Notices);
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
        writer.Add("_orig_mod.model.inner.embed", [3, 2], (ReadOnlyMemory<float>)embedding);
        writer.Add("_orig_mod.inner.bias", [2], (ReadOnlyMemory<float>)row);
        writer.Add("module.inner.H_init", [2], (ReadOnlyMemory<float>)row);
        writer.Add("inner.L_init", [2], (ReadOnlyMemory<float>)row);
        writer.Save(_path);
        Checkpoint.LoadWeights(target, null, _path);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], target.Weights.ToArray());
        Assert.Equal(row, target.States[0].InitRow);
        string message = Assert.Throws<GraphException>(() => Checkpoint.Resume(new Trainer(target, Options), _path)).Message;
        Assert.Contains("'graph-2'", message, StringComparison.Ordinal);
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
        var writer = new SafetensorsWriter { Checksum = true, Metadata = { ["format"] = "graph-2", ["model"] = "Fake", ["size"] = "Tiny", ["optimizer"] = "adam-atan2", ["step"] = step } };
        writer.Save(_path);
        Assert.Contains("'step'", Assert.Throws<GraphException>(() => Checkpoint.Resume(new Trainer(model, Options), _path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ChangedSettingsAreSaid()
    {
        using FakeModel model = Model(seed: 1);
        Checkpoint.Save(Run(model, steps: 1), _path);
        var other = new Trainer(model, Options with { LearningRate = 0.5, Groups = [new ParameterGroup(["*.bias"], Decays: false)] });
        IReadOnlyList<string> notices = Checkpoint.Resume(other, _path).Notices;
        Assert.Equal(2, notices.Count);
        Assert.StartsWith("The setting learning_rate is 0.5; it was 0.01 when ", notices[0], StringComparison.Ordinal);
        Assert.StartsWith("The setting groups is ", notices[1], StringComparison.Ordinal);
    }

    [Fact]
    public void SettingsAreComparedFieldByField()
    {
        Assert.Equal(["The setting a is 1; it was not set when f was written."], HyperParameters.Differences("f", "{}", "{\"a\":1}"));
        Assert.Contains("'hyper_parameters'", Assert.Throws<GraphException>(() => HyperParameters.Differences("f", "[2]", "{}").ToList()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnIdentifierIsOneLine()
    {
        using FakeModel model = Model(seed: 1);
        Trainer trainer = Run(model, steps: 1);
        Assert.Contains("one line", Assert.Throws<GraphException>(() => Checkpoint.Save(trainer, _path, new RunState { Identifiers = ["a\nb"] })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PuzzleResize.Mean)]
    [InlineData(PuzzleResize.Normal)]
    public void AWarmStartTakesATableOfAnotherSize(PuzzleResize resize)
    {
        using FakeModel trained = Model(seed: 1), target = Model(seed: 2);
        Trainer source = Run(trained, steps: 5);
        Checkpoint.Save(source, _path);
        var trainer = new Trainer(target, Options with { PuzzleIdentifiers = 4000 });
        Assert.Contains("[3, 4], expected [4000, 4]", Assert.Throws<GraphException>(() => Checkpoint.WarmStart(trainer, _path, resize: PuzzleResize.Refuse)).Message, StringComparison.Ordinal);
        Checkpoint.WarmStart(trainer, _path, averaged: false, resize);
        Assert.Equal(trained.Weights.ToArray(), target.Weights.ToArray());
        Assert.Equal(trained.Weights.ToArray(), trainer.Ema!.Shadow.ToArray());
        Assert.Equal(0, trainer.StepCount);
        for (int column = 0; column < 4; column++)
        {
            double[] stored = [.. Column(source.Puzzles!, column)], drawn = [.. Column(trainer.Puzzles!, column)];
            double deviation = Math.Sqrt(stored.Average(v => Math.Pow(v - stored.Average(), 2)));
            double expected = resize == PuzzleResize.Mean ? 0 : deviation;
            Assert.Equal(stored.Average(), drawn.Average(), 1e-7 + (0.1 * expected));
            Assert.Equal(expected, Math.Sqrt(drawn.Average(v => Math.Pow(v - drawn.Average(), 2))), 1e-7 + (0.05 * expected));
        }

        trainer.Step(Tokens, Labels, Puzzles);
        Assert.Throws<InvalidOperationException>(() => Checkpoint.WarmStart(trainer, _path));
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

    private static IEnumerable<double> Column(SparseTable table, int column) =>
        Enumerable.Range(0, table.Count).Select(row => (double)table.Rows[(row * table.Width) + column]);

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
