using System.Text.Json;

namespace Graph.Samples.Sudoku;

/// <summary>One line of <c>metrics.jsonl</c>; accuracies only on lines that evaluated the validation puzzles.</summary>
internal sealed record Metrics(long Step, double Seconds, double TrainLoss, double? CellAccuracy = null, double? ExactAccuracy = null)
{
    public string ToJson() => JsonSerializer.Serialize(this, SummaryJson.Line.Metrics);
}
