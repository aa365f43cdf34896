namespace Graph.Models.Puzzles;

/// <summary>Training puzzles and held-out puzzles that no training puzzle equals up to symmetry.</summary>
/// <remarks>
/// 4x4 and 6x6: enforced here by the least form of the puzzle (<see cref="SudokuCanon"/>); held-out puzzles are also pairwise different.
/// 9x9: rows of a data file are split as they are; that no two rows are the same up to symmetry is left to whoever made the data.
/// </remarks>
public sealed record SudokuSplit(SudokuShape Shape, IReadOnlyList<SudokuPuzzle> Train, IReadOnlyList<SudokuPuzzle> HeldOut)
{
    private const int BlockSize = 256;

    // Purposes of random draws; the sampler has the one after.
    private const ushort TestPuzzles = 1;
    private const ushort TrainPuzzles = 2;
    private const ushort Rows = 3;

    /// <summary>Generated puzzles with up to <paramref name="minBlanks"/> .. <paramref name="maxBlanks"/> blanks each.</summary>
    public static SudokuSplit Generate(SudokuShape shape, ulong seed, int train, int heldOut, int minBlanks, int maxBlanks)
    {
        ArgumentNullException.ThrowIfNull(shape);
        var canon = new SudokuCanon(shape);
        var taken = new HashSet<UInt128>();
        var test = Distinct(heldOut, TestPuzzles);
        var learn = Distinct(train, TrainPuzzles);
        return new SudokuSplit(shape, learn, test);

        // Blocks are made in parallel and looked at in order, so the result does not depend on threads.
        List<SudokuPuzzle> Distinct(int count, ushort purpose)
        {
            var found = new List<SudokuPuzzle>(count);
            var block = new (SudokuPuzzle Puzzle, UInt128 Key)[BlockSize];
            for (long first = 0; found.Count < count && first < 40L * (count + BlockSize); first += BlockSize)
            {
                Parallel.For(0, BlockSize, i =>
                {
                    var random = SudokuRandom.Of(seed, first + i, purpose);
                    var puzzle = SudokuGenerator.Puzzle(shape, minBlanks + random.Below(maxBlanks - minBlanks + 1), ref random);
                    block[i] = (puzzle, canon.Key(puzzle.Question));
                });
                foreach (var (puzzle, key) in block)
                {
                    if (found.Count < count && puzzle.Blanks >= minBlanks && taken.Add(key))
                    {
                        found.Add(puzzle);
                    }
                }
            }

            return found;
        }
    }

    /// <summary>Splits rows of a file; which rows are held out depends on the seed and the number of rows only.</summary>
    public static SudokuSplit OfRows(SudokuShape shape, IReadOnlyList<SudokuPuzzle> rows, ulong seed, int heldOut)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(rows);
        var order = Enumerable.Range(0, rows.Count).OrderBy(i => SudokuRandom.Of(seed, i, Rows).NextUInt32()).ThenBy(i => i).ToArray();
        return OfFiles(shape, [.. order.Skip(heldOut).Select(i => rows[i])], [.. order.Take(heldOut).Select(i => rows[i])]);
    }

    /// <summary>Two files; for 4x4 and 6x6 training puzzles that equal a held-out one up to symmetry are dropped.</summary>
    public static SudokuSplit OfFiles(SudokuShape shape, IReadOnlyList<SudokuPuzzle> train, IReadOnlyList<SudokuPuzzle> heldOut)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(heldOut);
        if (shape.N > 6)
        {
            return new SudokuSplit(shape, train, heldOut);
        }

        var canon = new SudokuCanon(shape);
        var taken = new HashSet<UInt128>();
        var test = heldOut.Where(puzzle => taken.Add(canon.Key(puzzle.Question))).ToList();
        return new SudokuSplit(shape, [.. train.Where(puzzle => !taken.Contains(canon.Key(puzzle.Question)))], test);
    }
}
