using System.Text;
using System.Text.Json;

namespace Graph.Training;

/// <summary>The settings of a run as a flat JSON object, and what differs between two of them.</summary>
internal static class HyperParameters
{
    public static string ToJson(TrainerOptions options, int slots)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("slots", slots);
            json.WriteNumber("micro_batches", options.MicroBatches);
            json.WriteNumber("supervision_steps", options.SupervisionSteps);
            json.WriteNumber("total_steps", options.TotalSteps);
            json.WriteNumber("learning_rate", options.LearningRate);
            json.WriteNumber("weight_decay", options.WeightDecay);
            json.WriteNumber("beta1", options.Beta1);
            json.WriteNumber("beta2", options.Beta2);
            json.WriteNumber("epsilon", options.Epsilon);
            json.WriteStartArray("groups");
            foreach (ParameterGroup group in options.Groups)
            {
                json.WriteStringValue($"{string.Join(' ', group.Patterns)} decays={group.Decays} factor={FormattableString.Invariant($"{group.LearningRateFactor}")}");
            }

            json.WriteEndArray();
            json.WriteNumber("frozen_trunk_steps", options.FrozenTrunkSteps);
            json.WriteNumber("clip_norm", options.ClipNorm);
            json.WriteNumber("warmup_steps", options.WarmupSteps);
            json.WriteNumber("minimum_learning_rate_ratio", options.MinimumLearningRateRatio);
            json.WriteNumber("puzzle_learning_rate", options.PuzzleLearningRate);
            json.WriteNumber("puzzle_weight_decay", options.PuzzleWeightDecay);
            json.WriteNumber("ema_rate", options.EmaRate);
            json.WriteNumber("halt_max_steps", options.HaltMaxSteps);
            json.WriteNumber("exploration_probability", options.ExplorationProbability);
            json.WriteNumber("seed", options.Seed);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>A sentence for each setting that is not what it was.</summary>
    /// <exception cref="GraphException"><paramref name="before"/> is not a JSON object.</exception>
    public static IEnumerable<string> Differences(string file, string before, string now)
    {
        Dictionary<string, string> old = Parse(file, before);
        foreach ((string name, string value) in Parse(file, now))
        {
            string was = old.GetValueOrDefault(name, "not set");
            if (was != value)
            {
                yield return $"The setting {name} is {value}; it was {was} when {file} was written.";
            }
        }
    }

    private static Dictionary<string, string> Parse(string file, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetRawText());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new GraphException($"{file} cannot be resumed: its metadata field 'hyper_parameters' is not a JSON object.");
        }
    }
}
