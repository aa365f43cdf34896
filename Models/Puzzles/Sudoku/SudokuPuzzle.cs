namespace Graph.Models.Puzzles;

/// <summary>A puzzle and its only solution.</summary>
/// <param name="Question">Row by row; 0 is a blank.</param>
/// <param name="Answer">Row by row, digits from 1.</param>
/// <param name="Rating">Difficulty as the data states it; 0 when it states none.</param>
public sealed record SudokuPuzzle(byte[] Question, byte[] Answer, int Rating = 0)
{
    public int Blanks => Question.AsSpan().Count((byte)0);
}
