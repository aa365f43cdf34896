namespace Graph.Models.Puzzles;

/// <summary>What to build an ARC data set from; the defaults are TRM's.</summary>
public sealed record ArcBuildOptions
{
    /// <summary>Path and first part of the names of the files, such as <c>data/arc-agi</c>.</summary>
    public required string InputPrefix { get; init; }

    /// <summary>Folder of the data set.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Names of the subsets; ARC-AGI-1: training, evaluation, concept; ARC-AGI-2: training2, evaluation2, concept.</summary>
    public required IReadOnlyList<string> Subsets { get; init; }

    /// <summary>The subset whose test pairs are held out; its demonstrations are trained on.</summary>
    public required string TestSubset { get; init; }

    /// <summary>Augmented forms a task, at most.</summary>
    public int Augmentations { get; init; } = 1000;

    /// <summary>Seed of numpy's legacy generator.</summary>
    public uint Seed { get; init; } = 42;

    /// <summary>First identifier that is given to a puzzle; 0 is the blank. A second data set begins where the first ends.</summary>
    public int FirstIdentifier { get; init; } = 1;

    /// <summary>Called after each task.</summary>
    public Action<BuildProgress>? Progress { get; init; }
}
