using Xunit;
using System.Globalization;
using Graph.Execution;
using Graph.Training;

namespace Graph.Models.Tests;

/// <summary>A model and trainer set up from a golden file of libtorch autograd (shared/golden/README.md), ready for its first step.</summary>
internal sealed class GoldenRun : IDisposable
{
    private int step;

    /// <param name="file">Name of the recording.</param>
    /// <param name="model">The model; disposed with the run.</param>
    /// <param name="folder">Where the recording lies; null: the excerpts of tests/golden.</param>
    public GoldenRun(string file, RecursiveModel model, string? folder = null)
    {
        File = SafetensorsFile.Open(Path.Combine(folder ?? Path.Combine(AppContext.BaseDirectory, "golden"), file + ".safetensors"));
        Model = model;
        foreach (var parameter in model.Parameters)
        {
            File.Read(parameter.Name, model.Weights.Slice((int)parameter.Offset, (int)parameter.Count));
        }

        foreach (var state in model.States)
        {
            File.Read(state.InitName, state.InitRow);
        }

        model.WeightsChanged();
        Trainer = new Trainer(model, new TrainerOptions
        {
            TotalSteps = 100,
            LearningRate = Number("lr"),
            WeightDecay = Number("weight_decay"),
            Beta1 = Number("beta1"),
            Beta2 = Number("beta2"),
            WarmupSteps = 0,
            PuzzleIdentifiers = (int)Number("num_puzzle_identifiers"),
            PuzzleLearningRate = Number("puzzle_emb_lr"),
            PuzzleWeightDecay = Number("puzzle_emb_weight_decay"),
            EmaRate = Number("ema_rate"),
            HaltMaxSteps = (int)Number("halt_max_steps"),
            MinimumSteps = (_, slot) => File.Ints(Prefix + "in.min_halt_steps")[slot],
        });
        File.Read("inner.puzzle_emb.weights", Trainer.Puzzles!.Rows);
        LoadCarry();
    }

    public SafetensorsFile File { get; }

    public RecursiveModel Model { get; }

    public Trainer Trainer { get; }

    /// <summary>Prefix of the next step's tensors.</summary>
    public string Prefix => step == 0 ? "" : $"s{step}.";

    /// <summary>Sets what the slots carry into the next step to what was recorded.</summary>
    public void LoadCarry()
    {
        var carry = Trainer.Carry;
        File.Read(Prefix + "carry.inputs", carry.Tokens);
        File.Read(Prefix + "carry.labels", carry.Labels);
        File.Read(Prefix + "carry.puzzle_identifiers", carry.PuzzleIds);
        File.Read(Prefix + "carry.steps", carry.Steps);
        var halted = File.Ints(Prefix + "carry.halted");
        for (var i = 0; i < halted.Length; i++)
        {
            carry.Halted[i] = halted[i] != 0;
        }

        File.Read(Prefix + "carry.z_H", Model.Floats(Model.States.First(s => s.Port.Name == "zH").Port));
        File.Read(Prefix + "carry.z_L", Model.Floats(Model.States.First(s => s.Port.Name == "zL").Port));
    }

    public TrainStepResult Step()
    {
        var result = Trainer.Step(File.Ints(Prefix + "in.inputs"), File.Ints(Prefix + "in.labels"), File.Ints(Prefix + "in.puzzle_identifiers"));
        step++;
        return result;
    }

    public float[] Expected(string name) => File.Floats(name);

    /// <summary>|actual - expected| / |expected| over the whole tensor.</summary>
    public static double RelativeError(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0, norm = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            difference += ((double)actual[i] - expected[i]) * ((double)actual[i] - expected[i]);
            norm += (double)expected[i] * expected[i];
        }

        return Math.Sqrt(difference / Math.Max(norm, 1e-30));
    }

    public void Dispose()
    {
        File.Dispose();
        Model.Dispose();
    }

    private double Number(string key) => double.Parse(File.Metadata[key], CultureInfo.InvariantCulture);
}
