using System.Runtime.InteropServices;
using System.Text.Json;
using Graph.Execution;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>What a run leaves in <c>summary.json</c>. Accuracies are those of the last evaluation, of averaged weights; null: there was none.</summary>
internal sealed record RunSummary(RecursiveModel Model, TrainSettings Settings, long Steps, double Seconds, double Loss, EvaluationResult? Evaluation)
{
    public void Write(string path) => WholeFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("model", Model.Name);
        json.WriteString("size", Model.Size);
        json.WriteNumber("parameters", Model.ParameterCount);
        json.WriteString("device", $"{Model.Device.Id} ({Model.Device.Name})");
        json.WriteNumber("steps", Steps);
        json.WriteNumber("batch", Settings.Slots);
        json.WriteNumber("seconds", Seconds);
        Number(json, "train_loss", Loss);
        Number(json, "cell_accuracy", Evaluation?.CellAccuracy);
        Number(json, "exact_accuracy", Evaluation?.ExactAccuracy);
        Number(json, "evaluated", Evaluation?.Count);
        json.WriteNumber("seed", Settings.Seed);
        json.WriteString("data", Settings.Data);
        json.WriteString("graph", typeof(Trainer).Assembly.GetName().Version?.ToString());
        json.WriteString("runtime", $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
        json.WriteEndObject();
    });

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
