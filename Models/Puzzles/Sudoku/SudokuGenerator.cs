using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>Makes full grids and puzzles with one solution from a seed; puzzle number <c>index</c> is always the same.</summary>
public static class SudokuGenerator
{
    /// <summary>A full grid: cells in random order, each takes the first of the digits in random order that leaves a solution.</summary>
    public static byte[] Grid(SudokuShape shape, ref CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(shape);
        var cells = new byte[shape.Cells];
        Span<byte> order = stackalloc byte[shape.Cells];
        Span<byte> digits = stackalloc byte[shape.N];
        Count(order, 0);
        random.Shuffle(order);
        foreach (var cell in order)
        {
            Count(digits, 1);
            random.Shuffle(digits);
            foreach (var digit in digits)
            {
                cells[cell] = digit;
                if (SudokuSolver.Count(shape, cells, 1) == 1)
                {
                    break;
                }
            }
        }

        return cells;
    }

    /// <summary>
    /// Takes givens away in random order while the solution stays the only one, until <paramref name="blanks"/> cells are blank
    /// or every cell was tried.
    /// </summary>
    public static SudokuPuzzle Puzzle(SudokuShape shape, int blanks, ref CounterRandom random)
    {
        var answer = Grid(shape, ref random);
        var question = (byte[])answer.Clone();
        Span<byte> order = stackalloc byte[shape.Cells];
        Count(order, 0);
        random.Shuffle(order);
        var taken = 0;
        foreach (var cell in order)
        {
            if (taken == blanks)
            {
                break;
            }

            question[cell] = 0;
            if (SudokuSolver.IsUnique(shape, question))
            {
                taken++;
            }
            else
            {
                question[cell] = answer[cell];
            }
        }

        return new SudokuPuzzle(question, answer);
    }

    private static void Count(Span<byte> items, int first)
    {
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = (byte)(first + i);
        }
    }
}
