namespace Graph.Models.Puzzles;

/// <summary>An endless stream of training samples: draw number <c>index</c> is a random puzzle under a random symmetry, always the same one.</summary>
public sealed class SudokuSampler
{
    private const ushort Purpose = 4;

    private readonly IReadOnlyList<SudokuPuzzle> puzzles;
    private readonly SudokuSymmetry symmetry;
    private readonly byte[] cells;
    private readonly ulong seed;

    public SudokuSampler(SudokuShape shape, IReadOnlyList<SudokuPuzzle> puzzles, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(puzzles);
        if (puzzles.Count == 0)
        {
            throw new GraphException("no training puzzles, expected at least one");
        }

        this.puzzles = puzzles;
        this.seed = seed;
        symmetry = new SudokuSymmetry(shape);
        cells = new byte[shape.Cells];
    }

    /// <summary>Writes the tokens and labels of one sample; allocates nothing.</summary>
    public void Draw(long index, Span<int> tokens, Span<int> labels)
    {
        var random = SudokuRandom.Of(seed, index, Purpose);
        var puzzle = puzzles[random.Below(puzzles.Count)];
        symmetry.Shuffle(ref random);
        symmetry.Apply(puzzle.Question, cells);
        SudokuTokens.Encode(cells, tokens);
        symmetry.Apply(puzzle.Answer, cells);
        SudokuTokens.Encode(cells, labels);
    }
}
