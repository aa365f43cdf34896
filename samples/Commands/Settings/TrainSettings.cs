using System.Globalization;
using System.Text;
using System.Text.Json;
using Graph.Models.Puzzles;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>The values of all settings. Layers are put on in order: the benchmark's defaults, a resumed run's settings, a file, the command line.</summary>
internal sealed class TrainSettings
{
    private readonly Dictionary<string, string> values = SettingTable.All.ToDictionary(setting => setting.Name, setting => setting.Default);

    public TrainSettings(PuzzleKind kind) => Put(kind.Defaults.Select(value => (SettingTable.Of(value.Key), value.Value, value.Key)), "defaults");

    public string Data => values["data"];

    public string Model => values["model"];

    public string Size => values["size"];

    public string DeviceId => values["device"];

    public int Batch => (int)Whole("batch");

    /// <summary>Examples of an update; <see cref="RequireBatch"/> says whether they can be.</summary>
    public int Slots => (int)Math.Min(int.MaxValue, Whole("batch") * Whole("micro_batches"));

    public int SupervisionSteps => (int)Whole("supervision_steps");

    public int Threads => (int)Whole("threads");

    public ulong Seed => (ulong)Whole("seed");

    public long CheckpointEvery => Whole("checkpoint_every");

    public int Keep => (int)Whole("keep");

    public long EvalEvery => Whole("eval_every");

    public int EvalLimit => (int)Whole("eval_limit");

    public int EvalSteps => (int)(Whole("eval_steps") is 0 ? Whole("halt_max_steps") : Whole("eval_steps"));

    public long LogEvery => Whole("log_every");

    /// <summary>Puts the settings of a JSON object over what is there.</summary>
    /// <param name="file">Name for messages.</param>
    /// <param name="json">The content.</param>
    /// <exception cref="GraphException">Not an object of settings and their values.</exception>
    public void PutJson(string file, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new GraphException($"{file}: expected a JSON object of settings.");
            }

            Put(
                document.RootElement.EnumerateObject().Select(field => (
                    SettingTable.All.FirstOrDefault(setting => setting.Name == field.Name) ?? throw new GraphException($"{file}: '{field.Name}' is not a setting; expected some of {string.Join(", ", SettingTable.All.Select(setting => setting.Name))}."),
                    field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString()! : field.Value.GetRawText(),
                    $"{file}: {field.Name}")),
                file);
        }
        catch (JsonException e)
        {
            throw new GraphException($"{file}: expected valid JSON: {e.Message}");
        }
    }

    /// <summary>Puts values over what is there; steps and epochs replace each other.</summary>
    /// <param name="layer">Setting, its value, and what a message on it begins with.</param>
    /// <param name="source">The layer's name for messages.</param>
    /// <exception cref="GraphException">A value is none of its setting's.</exception>
    public void Put(IEnumerable<(Setting Setting, string Text, string Source)> layer, string source)
    {
        var put = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (setting, text, at) in layer)
        {
            put[setting.Name] = setting.Check(text, at);
        }

        var (steps, epochs) = (put.GetValueOrDefault("steps", "0") != "0", put.GetValueOrDefault("epochs", "0") != "0");
        if (steps && epochs)
        {
            throw new GraphException($"{source}: steps and epochs are both given; expected one of them.");
        }

        if (steps || epochs)
        {
            put[steps ? "epochs" : "steps"] = "0";
        }

        foreach (var (name, text) in put)
        {
            values[name] = text;
        }
    }

    /// <summary>Names the size that an empty setting stands for, so that the stored configuration says it.</summary>
    public void SetSize(string size) => values["size"] = size;

    /// <exception cref="GraphException">An update has more cells than an array holds.</exception>
    public void RequireBatch(int cells)
    {
        if ((double)Slots * SupervisionSteps * cells > Array.MaxLength)
        {
            throw new GraphException($"An update of {Whole("batch")} x {Whole("micro_batches")} examples with {SupervisionSteps} supervision steps is too large; expected at most {Array.MaxLength / cells:N0} examples in all.");
        }
    }

    public long Steps(DataSetMetadata data)
    {
        var steps = Whole("epochs") > 0 ? data.TotalSteps((int)Whole("epochs"), Slots) : Whole("steps");
        return steps > 0 ? steps : throw new GraphException("The run has no steps; expected --steps or --epochs of 1 or more, and enough data for one batch.");
    }

    public TrainerOptions TrainerOptions(DataSetMetadata data)
    {
        var steps = Steps(data);
        return new TrainerOptions
        {
            TotalSteps = steps,
            Optimizer = values["optimizer"] switch
            {
                "adamw" => OptimizerKind.AdamW,
                "scaled-adam-atan2" => OptimizerKind.ScaledAdamATan2,
                _ => OptimizerKind.AdamATan2,
            },
            LearningRate = Number("lr"),
            WeightDecay = Number("weight_decay"),
            ClipNorm = Number("clip"),
            MicroBatches = (int)Whole("micro_batches"),
            SupervisionSteps = SupervisionSteps,
            WarmupSteps = Whole("warmup_steps") < 0 ? Math.Min(2000, steps / 10) : Whole("warmup_steps"),
            MinimumLearningRateRatio = Number("min_lr_ratio"),
            PuzzleIdentifiers = data.NumPuzzleIdentifiers,
            PuzzleLearningRate = Number("puzzle_lr"),
            PuzzleWeightDecay = Number("puzzle_weight_decay"),
            FrozenTrunkSteps = Whole("frozen_trunk_steps"),
            EmaRate = Number("ema"),
            HaltMaxSteps = (int)Whole("halt_max_steps"),
            ExplorationProbability = Number("exploration"),
            Seed = Seed,
        };
    }

    /// <summary>All settings as a file that <c>--config</c> takes.</summary>
    public string ToJson(bool indented)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented }))
        {
            json.WriteStartObject();
            foreach (var setting in SettingTable.All)
            {
                json.WritePropertyName(setting.Name);
                if (setting.Kind == SettingKind.Text)
                {
                    json.WriteStringValue(values[setting.Name]);
                }
                else
                {
                    json.WriteRawValue(values[setting.Name]);
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private long Whole(string name) => long.Parse(values[name], CultureInfo.InvariantCulture);

    private double Number(string name) => double.Parse(values[name], CultureInfo.InvariantCulture);
}
