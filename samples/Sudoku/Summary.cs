using System.Text.Json;
using Graph.Training;

namespace Graph.Samples.Sudoku;

/// <summary>What a run leaves in <c>summary.json</c>. Accuracies are shares (0 to 1) of the held-out puzzles, or of their cells.</summary>
internal sealed record Summary
{
    public required string Model { get; init; }

    public required string Size { get; init; }

    public required long Parameters { get; init; }

    public required string Device { get; init; }

    public required int Threads { get; init; }

    public required int Seed { get; init; }

    public required int Batch { get; init; }

    public required double Lr { get; init; }

    public required long Steps { get; init; }

    public required double Seconds { get; init; }

    public required double TrainLoss { get; init; }

    /// <summary>Over all cells, givens included, as TRM counts.</summary>
    public required double CellAccuracy { get; init; }

    /// <summary>Over the cells that were blank.</summary>
    public required double BlankAccuracy { get; init; }

    public required double ExactAccuracy { get; init; }

    /// <summary>Predictions that are legal grids, whatever became of the givens.</summary>
    public required double LegalShare { get; init; }

    public required int HeldOutPuzzles { get; init; }

    public required int TrainPuzzles { get; init; }

    public required bool TargetReached { get; init; }

    public required string Data { get; init; }

    public required string Runtime { get; init; }

    /// <summary>A reader never sees half of the file.</summary>
    public void Write(string path)
    {
        WholeFile.Write(path, stream =>
        {
            JsonSerializer.Serialize(stream, this, SummaryJson.Pretty.Summary);
            stream.Write("\n"u8);
        });
    }
}
