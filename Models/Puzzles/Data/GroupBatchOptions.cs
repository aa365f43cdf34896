namespace Graph.Models.Puzzles;

/// <summary>How training batches are drawn.</summary>
public sealed record GroupBatchOptions
{
    /// <summary>Seed of the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Examples a step, over all ranks.</summary>
    public required int GlobalBatch { get; init; }

    /// <summary>Passes over the groups in one iteration, so between two evaluations.</summary>
    public int EpochsPerIteration { get; init; } = 1;

    /// <summary>This process's part of every batch.</summary>
    public RankSlice Slice { get; init; } = RankSlice.All;

    /// <summary>
    /// Seed of numpy's global generator, from which TRM draws the examples of a puzzle: the batches are then those of a TRM run whose loader
    /// started with it. Null: examples are drawn by position from <see cref="Seed"/>. Groups and puzzles are TRM's either way.
    /// </summary>
    public uint? NumpyGlobalSeed { get; init; }
}
