using Graph.Training;

namespace Graph.Samples.Sudoku;

/// <summary>One line of <c>metrics.jsonl</c>; accuracies only on lines that evaluated the validation puzzles.</summary>
internal sealed record Metrics(long Step, double Seconds, double TrainLoss, double? CellAccuracy = null, double? ExactAccuracy = null)
{
    public void Write(MetricsLog log)
    {
        if (CellAccuracy is { } cells && ExactAccuracy is { } exact)
        {
            log.Write(Step, Seconds, new("train_loss", TrainLoss), new("cell_accuracy", cells), new("exact_accuracy", exact));
        }
        else
        {
            log.Write(Step, Seconds, new Scalar("train_loss", TrainLoss));
        }
    }
}
