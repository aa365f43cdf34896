namespace Graph.Training;

/// <summary>Sums over the evaluated samples (those with at least one label).</summary>
/// <param name="Count">Number of samples.</param>
/// <param name="Exact">Samples right in every labelled cell.</param>
/// <param name="Cells">Labelled cells.</param>
/// <param name="RightCells">Labelled cells that are right.</param>
/// <param name="LmLoss">Sum of the samples' mean cross entropies, in nats.</param>
public readonly record struct EvaluationResult(long Count, long Exact, long Cells, long RightCells, double LmLoss)
{
    /// <summary>Sum of the supervision steps that the samples took.</summary>
    public long Steps { get; init; }

    /// <summary>Samples whose last halting logit has the right sign (0 counts as positive).</summary>
    public long HaltAccuracy { get; init; }

    /// <summary>Share of samples that are right in every labelled cell; 0 without samples.</summary>
    public double ExactAccuracy => Count == 0 ? 0 : (double)Exact / Count;

    /// <summary>Share of labelled cells that are right; 0 without cells.</summary>
    public double CellAccuracy => Cells == 0 ? 0 : (double)RightCells / Cells;
}
