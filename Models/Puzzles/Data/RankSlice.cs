namespace Graph.Models.Puzzles;

/// <summary>Which part of every global batch a process takes.</summary>
/// <param name="Rank">0 to <paramref name="Ranks"/> - 1.</param>
/// <param name="Ranks">Number of processes that train together.</param>
public readonly record struct RankSlice(int Rank, int Ranks)
{
    /// <summary>One process that takes everything.</summary>
    public static RankSlice All { get; } = new(0, 1);

    /// <summary>Examples a process.</summary>
    /// <exception cref="GraphException">The rank is out of range, or the batch does not divide.</exception>
    internal int Rows(int globalBatch)
    {
        if (Ranks < 1 || Rank < 0 || Rank >= Ranks)
        {
            throw new GraphException($"rank {Rank} of {Ranks}, expected a rank from 0 below the number of ranks");
        }

        return globalBatch >= Ranks && globalBatch % Ranks == 0
            ? globalBatch / Ranks
            : throw new GraphException($"global batch {globalBatch}, expected a multiple of the {Ranks} ranks");
    }
}
