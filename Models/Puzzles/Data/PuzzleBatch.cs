namespace Graph.Models.Puzzles;

/// <summary>Memory for one rank's part of a batch; filled again and again.</summary>
public sealed class PuzzleBatch
{
    /// <param name="rows">Examples.</param>
    /// <param name="seqLen">Tokens an example.</param>
    public PuzzleBatch(int rows, int seqLen)
    {
        Rows = rows;
        SeqLen = seqLen;
        Tokens = new int[rows * seqLen];
        Labels = new int[rows * seqLen];
        PuzzleIdentifiers = new int[rows];
        Examples = new int[rows];
    }

    /// <summary>Examples that it holds, padding included.</summary>
    public int Rows { get; }

    /// <summary>Tokens an example.</summary>
    public int SeqLen { get; }

    /// <summary>[Rows, SeqLen].</summary>
    public int[] Tokens { get; }

    /// <summary>[Rows, SeqLen]; <see cref="PuzzleSet.IgnoredLabel"/> where there is no target, so everywhere in a padding row.</summary>
    public int[] Labels { get; }

    /// <summary>[Rows]; the blank identifier in a padding row.</summary>
    public int[] PuzzleIdentifiers { get; }

    /// <summary>[Rows]: numbers of the examples in their set; -1 in a padding row.</summary>
    public int[] Examples { get; }

    /// <summary>Rows that count; those after them are padding.</summary>
    public int Valid { get; private set; }

    /// <summary>Rows that count over all ranks.</summary>
    public int GlobalValid { get; private set; }

    /// <summary>Name of the set.</summary>
    public string Set { get; private set; } = "";

    /// <summary>Takes the examples of one set; rows beyond them become padding.</summary>
    /// <exception cref="GraphException">A stored number is no token.</exception>
    internal void Fill(DataSetMetadata metadata, PuzzleSet set, ReadOnlySpan<int> examples, int globalValid)
    {
        (Set, Valid, GlobalValid) = (set.Name, examples.Length, globalValid);
        for (var row = 0; row < examples.Length; row++)
        {
            Examples[row] = examples[row];
            PuzzleIdentifiers[row] = set.PuzzleIdentifiers[set.PuzzleOf(examples[row])];
            set.Read(examples[row], Tokens.AsSpan(row * SeqLen, SeqLen), Labels.AsSpan(row * SeqLen, SeqLen));
        }

        Examples.AsSpan(Valid).Fill(-1);
        PuzzleIdentifiers.AsSpan(Valid).Fill(metadata.BlankIdentifierId);
        Tokens.AsSpan(Valid * SeqLen).Fill(metadata.PadId);
        Labels.AsSpan(Valid * SeqLen).Fill(PuzzleSet.IgnoredLabel);
    }

    /// <exception cref="GraphException">The batch is of another size than <paramref name="rows"/> rows of the data's length.</exception>
    internal void Check(DataSetMetadata metadata, int rows)
    {
        if (Rows != rows || SeqLen != metadata.SeqLen)
        {
            throw new GraphException($"batch of {Rows}x{SeqLen}, expected {rows}x{metadata.SeqLen}");
        }
    }
}
