namespace Graph.Models.Puzzles;

/// <summary>Cells to model tokens: pad 0, blank 1, digit d is d + 1. Labels use the same numbers and cover every cell.</summary>
public static class SudokuTokens
{
    public const int Pad = 0;
    public const int Blank = 1;

    public static void Encode(ReadOnlySpan<byte> cells, Span<int> tokens)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            tokens[i] = cells[i] + 1;
        }
    }

    /// <summary>Turns cells into tokens in place.</summary>
    public static void Encode(Span<byte> cells)
    {
        foreach (ref var cell in cells)
        {
            cell++;
        }
    }

    /// <summary>The digit, 0 for a blank or the pad.</summary>
    public static byte Digit(int token) => (byte)Math.Max(0, token - 1);
}
