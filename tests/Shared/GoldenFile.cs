using Graph.Training;

namespace Graph.Tests;

/// <summary>
/// Finds the recorded numbers (tests/golden, or the folder that the environment variable GRAPH_GOLDEN names) and reads their settings.
/// </summary>
internal static class GoldenFile
{
    /// <summary>Opens <c>name.safetensors</c>.</summary>
    public static SafetensorsFile Open(string name) =>
        SafetensorsFile.Open(Find(name) ?? throw new FileNotFoundException($"{name}.safetensors is in no tests/golden above {AppContext.BaseDirectory}; GRAPH_GOLDEN may name its folder."));

    /// <summary>The path of <c>name.safetensors</c>, or null.</summary>
    public static string? Find(string name)
    {
        string file = name + ".safetensors";
        if (Environment.GetEnvironmentVariable("GRAPH_GOLDEN") is { Length: > 0 } folder && File.Exists(Path.Combine(folder, file)))
        {
            return Path.Combine(folder, file);
        }

        for (DirectoryInfo? up = new(AppContext.BaseDirectory); up is not null; up = up.Parent)
        {
            string path = Path.Combine(up.FullName, "tests", "golden", file);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>A number of the file's metadata.</summary>
    public static double Number(this SafetensorsFile file, string key) =>
        double.Parse(file.Metadata[key], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The settings of the recorded run; minimum halting steps come from <paramref name="minimumSteps"/>.</summary>
    public static TrainerOptions Options(this SafetensorsFile file, Func<long, int, int> minimumSteps) => new()
    {
        TotalSteps = (long)file.Number("act_steps"),
        LearningRate = file.Number("lr"),
        WeightDecay = file.Number("weight_decay"),
        Beta1 = file.Number("beta1"),
        Beta2 = file.Number("beta2"),
        WarmupSteps = 0,
        PuzzleIdentifiers = (int)file.Number("num_puzzle_identifiers"),
        PuzzleLearningRate = file.Number("puzzle_emb_lr"),
        PuzzleWeightDecay = file.Number("puzzle_emb_weight_decay"),
        EmaRate = file.Number("ema_rate"),
        HaltMaxSteps = (int)file.Number("halt_max_steps"),
        MinimumSteps = minimumSteps,
    };

    /// <summary>Sets what the slots carry before the recorded step (not the model's states).</summary>
    public static void LoadCarry(this SafetensorsFile file, Carry carry, string prefix = "")
    {
        file.Read(prefix + "carry.steps", carry.Steps);
        file.Read(prefix + "carry.inputs", carry.Tokens);
        file.Read(prefix + "carry.labels", carry.Labels);
        file.Read(prefix + "carry.puzzle_identifiers", carry.PuzzleIds);
        int[] halted = file.Ints(prefix + "carry.halted");
        for (int slot = 0; slot < carry.Batch; slot++)
        {
            carry.Halted[slot] = halted[slot] != 0;
        }
    }

    /// <summary>Every value within <paramref name="absolute"/> + <paramref name="relative"/>·|expected|.</summary>
    public static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double relative, double absolute, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double limit = absolute + (relative * Math.Abs((double)expected[i]));
            Assert.True(Math.Abs((double)expected[i] - actual[i]) <= limit, $"{what}[{i}] is {actual[i]:R}, expected {expected[i]:R}");
        }
    }
}
