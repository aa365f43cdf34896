using Graph.Models.Puzzles;

namespace Graph.Samples.Sudoku;

/// <summary>Training, validation and held-out puzzles of a run. Early stopping looks at validation only.</summary>
internal sealed record Puzzles(SudokuShape Shape, IReadOnlyList<SudokuPuzzle> Train, IReadOnlyList<SudokuPuzzle> Validation, IReadOnlyList<SudokuPuzzle> HeldOut)
{
    public const int Watched = 128;

    public static int DefaultBlanks(int grid) => grid == 4 ? 10 : 18;

    public static Puzzles Of(Options options)
    {
        var shape = SudokuShape.Of(options.Grid);
        var seed = (ulong)options.Seed;
        const int Kept = Run.HeldOutPuzzles + Watched;
        SudokuSplit split;
        if (options.Data is null)
        {
            var most = options.Blanks == 0 ? DefaultBlanks(options.Grid) : options.Blanks;
            split = SudokuSplit.Generate(shape, seed, options.Grid == 4 ? 2500 : 20_000, Kept, Math.Min(most, options.Grid == 4 ? 4 : 8), most);
            if (split.HeldOut.Count < Kept)
            {
                throw new GraphException($"--blanks {most}: only {split.HeldOut.Count} puzzles differ up to symmetry, expected at least {Kept}.");
            }
        }
        else
        {
            var rows = SudokuCsv.Read(options.Data, shape);
            split = options.Test is null
                ? SudokuSplit.OfRows(shape, rows, seed, Math.Min(Kept, rows.Count / 2))
                : SudokuSplit.OfFiles(shape, rows, SudokuCsv.Read(options.Test, shape));
        }

        if (split.Train.Count == 0 || split.HeldOut.Count < 2)
        {
            throw new GraphException($"{split.Train.Count} training and {split.HeldOut.Count} held-out puzzles, expected at least 1 and 2.");
        }

        var watched = Math.Min(Watched, split.HeldOut.Count / 2);

        // 512 are enough for a figure to within two points; scoring a whole 9x9 test file takes longer than a short training run.
        return new Puzzles(shape, split.Train, [.. split.HeldOut.Take(watched)], [.. split.HeldOut.Skip(watched).Take(Run.HeldOutPuzzles)]);
    }

    public static string Source(Options options)
        => options.Data is null
            ? $"generated from seed {options.Seed}; separated up to symmetry by the least form of the puzzle"
            : options.Grid == 9
                ? "rows of a file; whether two of them are equal up to symmetry is not checked for 9x9"
                : "rows of a file; separated up to symmetry by the least form of the puzzle";
}
