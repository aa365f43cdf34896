namespace Graph.Models.Puzzles;

/// <summary>All examples of a split in order, each once; short batches end in padding rows that count for nothing.</summary>
/// <remarks>A batch holds examples of one set. Every rank sees the same number of batches, some of them perhaps all padding.</remarks>
public sealed class EvaluationBatches
{
    private readonly PuzzleDataSet data;
    private readonly int globalBatch;
    private readonly RankSlice slice;
    private readonly int[] examples;
    private int set;
    private int start;

    /// <param name="data">The split.</param>
    /// <param name="globalBatch">Examples a batch, over all ranks.</param>
    /// <param name="slice">This process's part.</param>
    /// <exception cref="GraphException">The batch does not divide among the ranks.</exception>
    public EvaluationBatches(PuzzleDataSet data, int globalBatch, RankSlice slice)
    {
        ArgumentNullException.ThrowIfNull(data);
        this.data = data;
        this.globalBatch = globalBatch;
        this.slice = slice;
        Rows = slice.Rows(globalBatch);
        examples = new int[Rows];
    }

    /// <summary>Rows of this rank's part of a batch.</summary>
    public int Rows { get; }

    /// <summary>Reads the next batch.</summary>
    /// <param name="batch">[<see cref="Rows"/>, SeqLen]; its <see cref="PuzzleBatch.Valid"/> rows count.</param>
    /// <returns>False: there is none, and the next call begins anew.</returns>
    /// <exception cref="GraphException">The batch is of another size, or a stored number is no token.</exception>
    public bool Next(PuzzleBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Check(data.Metadata, Rows);
        if (set == data.Sets.Count)
        {
            (set, start) = (0, 0);
            return false;
        }

        var total = data.Sets[set].Examples;
        var end = Math.Min(total - start, globalBatch) + start;
        var first = Math.Min(start + slice.Rank * Rows, end);
        var valid = examples.AsSpan(0, Math.Min(Rows, end - first));
        for (var i = 0; i < valid.Length; i++)
        {
            valid[i] = first + i;
        }

        batch.Fill(data.Metadata, data.Sets[set], valid, end - start);
        (set, start) = end == total ? (set + 1, 0) : (set, end);
        return true;
    }
}
