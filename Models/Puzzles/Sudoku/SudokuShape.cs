namespace Graph.Models.Puzzles;

/// <summary>The geometry of a Sudoku: <c>n</c> digits, boxes of <c>BoxRows</c> rows by <c>BoxColumns</c> columns.</summary>
public sealed class SudokuShape
{
    public static readonly SudokuShape Grid4 = new(2, 2);
    public static readonly SudokuShape Grid6 = new(2, 3);
    public static readonly SudokuShape Grid9 = new(3, 3);

    private readonly byte[] boxes;

    private SudokuShape(int boxRows, int boxColumns)
    {
        BoxRows = boxRows;
        BoxColumns = boxColumns;
        N = boxRows * boxColumns;
        Cells = N * N;
        boxes = new byte[Cells];
        for (var cell = 0; cell < Cells; cell++)
        {
            boxes[cell] = (byte)(cell / N / BoxRows * (N / BoxColumns) + cell % N / BoxColumns);
        }
    }

    /// <summary>Digits, rows, columns and boxes.</summary>
    public int N { get; }

    public int Cells { get; }

    public int BoxRows { get; }

    public int BoxColumns { get; }

    /// <summary>Blank, the digits and the pad: what the models' embedding needs.</summary>
    public int Vocabulary => N + 2;

    /// <summary>Transposing keeps the boxes only when they are square.</summary>
    public bool Transposes => BoxRows == BoxColumns;

    /// <summary>The shape with <paramref name="n"/> digits: 4, 6 or 9.</summary>
    public static SudokuShape Of(int n) => n switch
    {
        4 => Grid4,
        6 => Grid6,
        9 => Grid9,
        _ => throw new GraphException($"grid {n}, expected 4, 6 or 9"),
    };

    public int Box(int cell) => boxes[cell];

    /// <summary>True: every row, column and box holds every digit once.</summary>
    public bool IsSolved(ReadOnlySpan<byte> cells)
    {
        Span<int> seen = stackalloc int[3 * N];
        seen.Clear();
        for (var cell = 0; cell < Cells; cell++)
        {
            if (cells[cell] == 0 || cells[cell] > N)
            {
                return false;
            }

            var bit = 1 << cells[cell];
            seen[cell / N] |= bit;
            seen[N + cell % N] |= bit;
            seen[2 * N + boxes[cell]] |= bit;
        }

        return !seen.ContainsAnyExcept(((1 << N) - 1) << 1);
    }
}
