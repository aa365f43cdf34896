using System.Globalization;
using Graph.Models.Puzzles;

namespace Graph.Samples.Commands;

/// <summary>The endless stream of training examples, an update's worth at a time.</summary>
internal sealed class TrainingStream
{
    /// <summary>An iteration ends with a batch that is not full and is dropped: with this many batches in it little is lost.</summary>
    private const long Batches = 32;

    private readonly GroupBatches batches;
    private readonly PuzzleBatch batch;

    /// <exception cref="GraphException">The data set has no groups.</exception>
    public TrainingStream(PuzzleDataSet data, TrainSettings settings)
    {
        var groups = Math.Max(1, data.Sets.Min(set => set.Groups));
        batches = new GroupBatches(data, new GroupBatchOptions
        {
            Seed = settings.Seed,
            GlobalBatch = settings.Slots,
            EpochsPerIteration = (int)Math.Clamp(((Batches * settings.Slots) + groups - 1) / groups, 1, int.MaxValue / groups),
        });
        batch = new PuzzleBatch(settings.Slots, data.Metadata.SeqLen);
        var rows = settings.Slots * settings.SupervisionSteps;
        (Tokens, Labels, PuzzleIds) = (new int[rows * batch.SeqLen], new int[rows * batch.SeqLen], new int[rows]);
    }

    public int[] Tokens { get; }

    public int[] Labels { get; }

    public int[] PuzzleIds { get; }

    /// <summary>Where the stream is, as a checkpoint keeps it.</summary>
    public string Position => string.Create(CultureInfo.InvariantCulture, $"{batches.Position.Iteration} {batches.Position.Next}");

    /// <exception cref="GraphException">No batch begins there.</exception>
    public void Seek(string file, string position)
    {
        if (position.Split(' ') is not [var iteration, var next]
            || !int.TryParse(iteration, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
            || !int.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var group))
        {
            throw new GraphException($"{file} was not written by train: its metadata field 'sampler' is '{position}', expected two whole numbers.");
        }

        batches.Seek(new GroupPosition(whole, group));
    }

    /// <summary>Draws the next update's examples.</summary>
    public void Draw()
    {
        for (var row = 0; row < PuzzleIds.Length; row += batch.Rows)
        {
            while (!batches.Next(batch))
            {
                // The iteration is over; the next call begins another.
            }

            batch.Tokens.CopyTo(Tokens, row * batch.SeqLen);
            batch.Labels.CopyTo(Labels, row * batch.SeqLen);
            batch.PuzzleIdentifiers.CopyTo(PuzzleIds, row);
        }
    }
}
