using Graph.Models.Puzzles;
using Graph.Samples.Commands;

namespace Graph.Samples.Sudoku;

/// <summary>Whether predictions are legal grids and keep the givens, beside being the stored answer.</summary>
internal sealed class SudokuVoteScore(SudokuShape shape, int checkpoints) : GridVoteScore(checkpoints)
{
    private readonly SudokuScore score = new(shape);

    protected override void Score(ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted) => score.Add(tokens, labels, predicted);

    protected override void AddNumbers(Report report)
    {
        report.Add("solved", $"solved, {Label}", score.Solved);
        report.Add("legal", $"legal grids, {Label}", score.Legal);
        report.Add("keeps_givens", $"givens kept, {Label}", score.KeepsGivens);
        report.Add("mean_broken_units", "rows, columns and boxes that lack a digit, mean", score.MeanBrokenUnits, "0.00");
    }
}
