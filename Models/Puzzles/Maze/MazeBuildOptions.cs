namespace Graph.Models.Puzzles;

/// <summary>What to build a maze data set from; the defaults are TRM's.</summary>
public sealed record MazeBuildOptions
{
    /// <summary>CSV file of training mazes: question, answer.</summary>
    public required string TrainFile { get; init; }

    /// <summary>CSV file of held-out mazes.</summary>
    public required string TestFile { get; init; }

    /// <summary>Folder of the data set.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>
    /// True: all eight symmetries of each training maze. The marked path is the first shortest one by a fixed order of directions, which
    /// a symmetry does not keep, so this trains on other paths than the held-out ones are scored on.
    /// </summary>
    public bool Dihedral { get; init; }

    /// <summary>Training mazes to draw without replacement; null or more than there are: all.</summary>
    public int? SubsampleSize { get; init; }

    /// <summary>Seed of numpy's legacy generator, for the subsample.</summary>
    public uint Seed { get; init; } = 42;

    /// <summary>Called after each maze.</summary>
    public Action<BuildProgress>? Progress { get; init; }
}
