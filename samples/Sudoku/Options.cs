using System.Text.Json;
using System.Text.Json.Serialization;

namespace Graph.Samples.Sudoku;

/// <summary>What one run does.</summary>
/// <param name="Model">A name in <see cref="Graph.Models.ShippedModels"/>.</param>
/// <param name="Grid">4, 6 or 9.</param>
/// <param name="Data">CSV of puzzles; null: generated from the seed.</param>
/// <param name="Test">CSV of held-out puzzles; null: part of the data.</param>
/// <param name="Blanks">Most blanks of a generated puzzle; 0: <see cref="Puzzles.DefaultBlanks"/>.</param>
/// <param name="Steps">Optimiser steps at most; 0: as many as the time allows.</param>
/// <param name="Minutes">Time for everything up to the final evaluation.</param>
/// <param name="Batch">Puzzles a step.</param>
/// <param name="Lr">Learning rate after warm-up.</param>
/// <param name="Seed">Of the puzzles, the weights and the draws.</param>
/// <param name="Threads">Of the CPU executor.</param>
/// <param name="Device">Where it runs, as <c>Devices.Open</c> takes it.</param>
/// <param name="Out">The run's folder; null: <see cref="Folder"/>.</param>
/// <param name="Resume">A run's folder or a checkpoint file to go on from; null: a new run.</param>
/// <param name="CheckpointEvery">Steps between checkpoints; 0: none.</param>
/// <param name="Keep">Newest checkpoints that are kept.</param>
internal sealed record Options(
    string Model,
    int Grid,
    string? Data,
    string? Test,
    int Blanks,
    int Steps,
    double Minutes,
    int Batch,
    double Lr,
    int Seed,
    int Threads,
    string Device,
    string? Out,
    string? Resume,
    int CheckpointEvery,
    int Keep)
{
    [JsonIgnore]
    public string Name => $"{Model}-grid{Grid}-{Seed}";

    /// <summary>Where a run keeps its checkpoints, inside its folder.</summary>
    public const string CheckpointFolder = "checkpoints";

    /// <summary>The run's folder; a run that is resumed from its folder stays there.</summary>
    [JsonIgnore]
    public string Folder => Out ?? (Resume is not null && Directory.Exists(Path.Combine(Resume, CheckpointFolder)) ? Resume : Path.Combine("runs", Name));

    public string ToJson() => JsonSerializer.Serialize(this, SummaryJson.Line.RunOptions);

    /// <summary>True where other options would train something else than these do; a run may go on with another time limit or folder.</summary>
    /// <param name="json">What <see cref="ToJson"/> wrote; anything else differs.</param>
    public bool DiffersFrom(string json)
    {
        try
        {
            var other = JsonSerializer.Deserialize(json, SummaryJson.Line.RunOptions);
            return other is null || this != other with { Minutes = Minutes, Threads = Threads, Device = Device, Out = Out, Resume = Resume, CheckpointEvery = CheckpointEvery, Keep = Keep };
        }
        catch (JsonException)
        {
            return true;
        }
    }
}
