namespace Graph.Models.Puzzles;

/// <summary>
/// Training batches in which every group counts the same, however many augmented forms it has: groups in random order, one random puzzle of
/// each, all its examples as far as the batch has room. TRM's sampler, fully seeded.
/// </summary>
/// <remarks>
/// <para>
/// One iteration is <see cref="GroupBatchOptions.EpochsPerIteration"/> random orders of one set's groups, one behind the other; sets take turns.
/// Order and puzzles come from numpy's Philox with seed + number of the iteration, as in TRM. A puzzle that the batch has no room for loses the
/// rest of its examples, and a last batch that is not full is dropped, as in TRM.
/// </para>
/// <para>
/// Every rank draws the whole global batch and takes its rows, so batches do not depend on the number of ranks. Not for several threads at once.
/// </para>
/// </remarks>
public sealed class GroupBatches
{
    private readonly PuzzleDataSet data;
    private readonly GroupBatchOptions options;
    private readonly ExampleDraw draw;
    private readonly int[] examples;
    private NumpyPhilox random = new(0);
    private int[] order = [];
    private bool begun;

    /// <exception cref="GraphException">An option is out of range.</exception>
    public GroupBatches(PuzzleDataSet data, GroupBatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        this.data = data;
        this.options = options;
        if (options.GlobalBatch < 1)
        {
            throw new GraphException($"global batch {options.GlobalBatch}, expected 1 or more");
        }

        var most = Array.MaxLength / data.Sets.Max(set => Math.Max(1, set.Groups));
        if (options.EpochsPerIteration < 1 || options.EpochsPerIteration > most)
        {
            throw new GraphException($"{options.EpochsPerIteration} epochs an iteration, expected 1 to {most} for this data set");
        }

        Rows = options.Slice.Rows(options.GlobalBatch);
        examples = new int[options.GlobalBatch];
        draw = new ExampleDraw(options.Seed, options.NumpyGlobalSeed);
        draw.Restart();
    }

    /// <summary>Examples of this rank's part of a batch.</summary>
    public int Rows { get; }

    /// <summary>What the next call of <see cref="Next"/> begins with.</summary>
    public GroupPosition Position { get; private set; }

    /// <summary>Draws the next batch.</summary>
    /// <param name="batch">[<see cref="Rows"/>, SeqLen], filled with this rank's rows.</param>
    /// <returns>False: the iteration is over, the batch is unchanged, and the next call begins the next iteration.</returns>
    /// <exception cref="GraphException">The batch is of another size, a stored number is no token, or a whole iteration does not fill one batch.</exception>
    public bool Next(PuzzleBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Check(data.Metadata, Rows);
        Begin();
        var (set, begins) = (Set, Position.Next == 0);
        if (!Draw())
        {
            // Without a single batch an iteration would end for ever, and the run would never take a step.
            return begins
                ? throw new GraphException($"set '{set.Name}' with {set.Groups} groups, expected enough for a batch of {options.GlobalBatch}: take a smaller batch or more than {options.EpochsPerIteration} epochs an iteration")
                : false;
        }

        batch.Fill(data.Metadata, set, examples.AsSpan(options.Slice.Rank * Rows, Rows), options.GlobalBatch);
        return true;
    }

    /// <summary>Goes to a position that <see cref="Position"/> had in a run with the same data and options.</summary>
    /// <remarks>Draws again what came before it in its iteration, without reading data; where examples follow numpy's global generator, all iterations.</remarks>
    /// <exception cref="GraphException">No batch begins there: the data, the batch or the epochs an iteration are others.</exception>
    public void Seek(GroupPosition position)
    {
        draw.Restart();
        begun = false;
        Position = new GroupPosition(draw.IsSequential ? 0 : position.Iteration, 0);
        while (position.Iteration >= 0 && Position.Iteration <= position.Iteration)
        {
            if (Position == position)
            {
                return;
            }

            Begin();
            Draw();
        }

        throw new GraphException(
            $"position {position.Next} of iteration {position.Iteration}, expected one at which a batch of {options.GlobalBatch} begins: the data set, the batch or the epochs an iteration have changed");
    }

    private PuzzleSet Set => data.Sets[Position.Iteration % data.Sets.Count];

    private void Begin()
    {
        if (begun)
        {
            return;
        }

        // TRM counts the iteration before it uses it as a seed.
        random = new NumpyPhilox(options.Seed + (ulong)Position.Iteration + 1);
        order = new int[Set.Groups * options.EpochsPerIteration];
        for (var epoch = 0; epoch < options.EpochsPerIteration; epoch++)
        {
            random.Permutation(order.AsSpan(epoch * Set.Groups, Set.Groups));
        }

        begun = true;
    }

    /// <summary>Draws a global batch and moves on; false: no full one was left, and the iteration is over.</summary>
    private bool Draw()
    {
        var (set, next, filled) = (Set, Position.Next, 0);
        while (next < order.Length && filled < examples.Length)
        {
            var group = order[next];
            var puzzle = random.Integers(set.GroupIndices[group], set.GroupIndices[group + 1]);
            var first = set.PuzzleIndices[puzzle];
            var count = set.PuzzleIndices[puzzle + 1] - first;
            var drawn = examples.AsSpan(filled, Math.Min(count, examples.Length - filled));
            draw.Draw(Position with { Next = next }, count, drawn);
            foreach (ref var example in drawn)
            {
                example += first;
            }

            filled += drawn.Length;
            next++;
        }

        if (filled < examples.Length)
        {
            Position = new GroupPosition(Position.Iteration + 1, 0);
            begun = false;
            return false;
        }

        Position = Position with { Next = next };
        return true;
    }
}
