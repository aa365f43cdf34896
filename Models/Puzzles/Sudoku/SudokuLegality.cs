namespace Graph.Models.Puzzles;

/// <summary>What a predicted grid is worth apart from being the stored answer.</summary>
/// <param name="IsLegal">Every row, column and box holds every digit once.</param>
/// <param name="KeepsGivens">No given digit was changed.</param>
/// <param name="BrokenUnits">Rows, columns and boxes, 3n in all, that lack a digit; 0 exactly where the grid is legal.</param>
public readonly record struct SudokuLegality(bool IsLegal, bool KeepsGivens, int BrokenUnits)
{
    /// <summary>A solution of the puzzle; of a puzzle with one solution, the answer.</summary>
    public bool Solves => IsLegal && KeepsGivens;

    /// <param name="shape">The grid's geometry.</param>
    /// <param name="question">[cells], 0 is a blank.</param>
    /// <param name="prediction">[cells] digits; any byte, for a model may predict anything.</param>
    public static SudokuLegality Of(SudokuShape shape, ReadOnlySpan<byte> question, ReadOnlySpan<byte> prediction)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (question.Length != shape.Cells || prediction.Length != shape.Cells)
        {
            throw new ArgumentException($"There are {question.Length} cells in the question and {prediction.Length} predicted; expected {shape.Cells}.", nameof(prediction));
        }

        Span<int> seen = stackalloc int[3 * shape.N];
        seen.Clear();
        var keeps = true;
        for (var cell = 0; cell < shape.Cells; cell++)
        {
            var digit = prediction[cell];
            keeps &= question[cell] == 0 || question[cell] == digit;

            // A unit has as many cells as digits: without a stranger and without a gap it is complete.
            var bit = digit >= 1 && digit <= shape.N ? 1 << digit : 0;
            seen[cell / shape.N] |= bit;
            seen[shape.N + cell % shape.N] |= bit;
            seen[2 * shape.N + shape.Box(cell)] |= bit;
        }

        var broken = seen.Length - seen.Count(((1 << shape.N) - 1) << 1);
        return new SudokuLegality(broken == 0, keeps, broken);
    }
}
