using System.Globalization;
using Graph.Models.Puzzles;
using Graph.Samples.Commands;

namespace Graph.Samples.Sudoku;

/// <summary>Digits in boxes.</summary>
internal sealed class SudokuLook(SudokuShape shape) : PuzzleLook
{
    public override (int Rows, int Columns) Box => (shape.BoxRows, shape.BoxColumns);

    public override CellLook? Of(int token) => token switch
    {
        <= SudokuTokens.Pad => null,
        SudokuTokens.Blank => new CellLook("#ffffff"),
        _ => new CellLook("#ffffff", SudokuTokens.Digit(token).ToString(CultureInfo.InvariantCulture)),
    };
}
