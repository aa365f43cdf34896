namespace Graph.Training;

/// <summary>
/// What a batch slot carries from one step to the next besides the model's states (trm.md 1.5): its current sample, the supervision
/// steps spent on it, and whether it has halted and so takes a new sample. All slots start halted.
/// </summary>
public sealed class Carry
{
    private readonly int[] _tokens;
    private readonly int[] _labels;
    private readonly int[] _puzzles;
    private readonly int[] _steps;
    private readonly bool[] _halted;

    /// <param name="batch">Slots.</param>
    /// <param name="cells">Tokens a sample.</param>
    public Carry(int batch, int cells)
    {
        Cells = cells;
        _tokens = new int[batch * cells];
        _labels = new int[batch * cells];
        _puzzles = new int[batch];
        _steps = new int[batch];
        _halted = new bool[batch];
        _halted.AsSpan().Fill(true);
    }

    /// <summary>Slots.</summary>
    public int Batch => _halted.Length;

    /// <summary>Tokens a sample.</summary>
    public int Cells { get; }

    /// <summary>[batch, cells].</summary>
    public Span<int> Tokens => _tokens;

    /// <summary>[batch, cells]; -100: no label.</summary>
    public Span<int> Labels => _labels;

    /// <summary>[batch]: rows of the puzzle table.</summary>
    public Span<int> PuzzleIds => _puzzles;

    /// <summary>[batch]: supervision steps spent on the slot's sample.</summary>
    public Span<int> Steps => _steps;

    /// <summary>[batch]: true where the next step takes a new sample.</summary>
    public Span<bool> Halted => _halted;

    /// <summary>Puts row <paramref name="slot"/> of a batch into the slot of the same index.</summary>
    /// <param name="slot">Slot and row.</param>
    /// <param name="tokens">All rows.</param>
    /// <param name="labels">All rows.</param>
    /// <param name="puzzleIds">All rows, or empty.</param>
    internal void Take(int slot, ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> puzzleIds)
    {
        tokens.Slice(slot * Cells, Cells).CopyTo(_tokens.AsSpan(slot * Cells));
        labels.Slice(slot * Cells, Cells).CopyTo(_labels.AsSpan(slot * Cells));
        if (!puzzleIds.IsEmpty)
        {
            _puzzles[slot] = puzzleIds[slot];
        }

        _steps[slot] = 0;
        _halted[slot] = false;
    }
}
