using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>Sums over scored predictions; grows by <see cref="Add"/>.</summary>
/// <param name="shape">The puzzles' geometry.</param>
public sealed class SudokuScore(SudokuShape shape)
{
    private readonly byte[] given = new byte[shape.Cells];
    private readonly byte[] digits = new byte[shape.Cells];
    private long count;
    private long exact;
    private long legal;
    private long keepsGivens;
    private long solved;
    private long brokenUnits;

    /// <summary>Predictions that equal the stored answer in every cell: TRM's exact accuracy.</summary>
    public Share Exact => new(exact, count);

    /// <summary>Predictions that are legal grids, whatever became of the givens.</summary>
    public Share Legal => new(legal, count);

    /// <summary>Predictions that keep all givens.</summary>
    public Share KeepsGivens => new(keepsGivens, count);

    /// <summary>Legal grids that keep the givens; more than <see cref="Exact"/> only where puzzles have several solutions.</summary>
    public Share Solved => new(solved, count);

    /// <summary>Mean number of rows, columns and boxes of a prediction that lack a digit; 0 without predictions.</summary>
    public double MeanBrokenUnits => count == 0 ? 0 : (double)brokenUnits / count;

    /// <summary>Scores one prediction.</summary>
    /// <param name="question">[cells] tokens (<see cref="SudokuTokens"/>).</param>
    /// <param name="answer">[cells] tokens.</param>
    /// <param name="predicted">[cells] tokens.</param>
    public SudokuLegality Add(ReadOnlySpan<int> question, ReadOnlySpan<int> answer, ReadOnlySpan<int> predicted)
    {
        if (question.Length != given.Length || answer.Length != given.Length || predicted.Length != given.Length)
        {
            throw new ArgumentException($"There are {question.Length}, {answer.Length} and {predicted.Length} tokens; expected {given.Length} each.", nameof(predicted));
        }

        for (var cell = 0; cell < given.Length; cell++)
        {
            given[cell] = SudokuTokens.Digit(question[cell]);
            digits[cell] = SudokuTokens.Digit(predicted[cell]);
        }

        var legality = SudokuLegality.Of(shape, given, digits);
        count++;
        exact += answer.SequenceEqual(predicted) ? 1 : 0;
        legal += legality.IsLegal ? 1 : 0;
        keepsGivens += legality.KeepsGivens ? 1 : 0;
        solved += legality.Solves ? 1 : 0;
        brokenUnits += legality.BrokenUnits;
        return legality;
    }
}
