using System.Numerics;

namespace Graph.Models.Puzzles;

/// <summary>Backtracking on bit masks; the blank with the fewest candidates goes first.</summary>
public static class SudokuSolver
{
    /// <summary>The number of solutions, counted up to <paramref name="limit"/>.</summary>
    public static int Count(SudokuShape shape, ReadOnlySpan<byte> question, int limit)
    {
        Span<byte> cells = stackalloc byte[shape.Cells];
        question.CopyTo(cells);
        return Run(shape, cells, limit, default);
    }

    public static bool IsUnique(SudokuShape shape, ReadOnlySpan<byte> question) => Count(shape, question, 2) == 1;

    /// <summary>Fills <paramref name="cells"/> with the first solution; false: there is none, and the blanks stay.</summary>
    public static bool TrySolve(SudokuShape shape, Span<byte> cells)
    {
        Span<byte> solution = stackalloc byte[shape.Cells];
        Span<byte> work = stackalloc byte[shape.Cells];
        cells.CopyTo(work);
        if (Run(shape, work, 1, solution) == 0)
        {
            return false;
        }

        solution.CopyTo(cells);
        return true;
    }

    private static int Run(SudokuShape shape, Span<byte> cells, int limit, Span<byte> solution)
    {
        Span<byte> blanks = stackalloc byte[shape.Cells];
        Span<int> used = stackalloc int[3 * shape.N];
        used.Clear();
        var count = 0;
        for (var cell = 0; cell < shape.Cells; cell++)
        {
            if (cells[cell] == 0)
            {
                blanks[count++] = (byte)cell;
            }
            else if (!Place(shape, used, cell, 1 << cells[cell]))
            {
                return 0;
            }
        }

        var search = new Search(shape, cells, used, solution, limit);
        search.Descend(blanks[..count]);
        return search.Found;
    }

    private static bool Place(SudokuShape shape, Span<int> used, int cell, int bit)
    {
        var n = shape.N;
        ref var row = ref used[cell / n];
        ref var column = ref used[n + cell % n];
        ref var box = ref used[2 * n + shape.Box(cell)];
        var free = ((row | column | box) & bit) == 0;
        row |= bit;
        column |= bit;
        box |= bit;
        return free;
    }

    private ref struct Search(SudokuShape shape, Span<byte> cells, Span<int> used, Span<byte> solution, int limit)
    {
        private readonly int n = shape.N;
        private readonly int all = ((1 << shape.N) - 1) << 1;
        private readonly Span<byte> cells = cells;
        private readonly Span<int> used = used;
        private readonly Span<byte> solution = solution;

        public int Found { get; private set; }

        public void Descend(Span<byte> blanks)
        {
            if (blanks.IsEmpty)
            {
                if (Found++ == 0 && !solution.IsEmpty)
                {
                    cells.CopyTo(solution);
                }

                return;
            }

            var (at, candidates) = Tightest(blanks);
            if (candidates == 0)
            {
                return;
            }

            var last = blanks.Length - 1;
            (blanks[at], blanks[last]) = (blanks[last], blanks[at]);
            int cell = blanks[last];
            for (; candidates != 0 && Found < limit; candidates &= candidates - 1)
            {
                var bit = candidates & -candidates;
                Toggle(cell, bit);
                cells[cell] = (byte)BitOperations.TrailingZeroCount(bit);
                Descend(blanks[..last]);
                Toggle(cell, bit);
            }

            cells[cell] = 0;
        }

        private readonly (int At, int Candidates) Tightest(ReadOnlySpan<byte> blanks)
        {
            var (at, best, fewest) = (0, 0, int.MaxValue);
            for (var i = 0; i < blanks.Length && fewest > 1; i++)
            {
                int cell = blanks[i];
                var candidates = all & ~(used[cell / n] | used[n + cell % n] | used[2 * n + shape.Box(cell)]);
                var count = BitOperations.PopCount((uint)candidates);
                if (count < fewest)
                {
                    (at, best, fewest) = (i, candidates, count);
                }
            }

            return (at, best);
        }

        private readonly void Toggle(int cell, int bit)
        {
            used[cell / n] ^= bit;
            used[n + cell % n] ^= bit;
            used[2 * n + shape.Box(cell)] ^= bit;
        }
    }
}
