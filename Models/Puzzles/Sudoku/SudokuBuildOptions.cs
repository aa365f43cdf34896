namespace Graph.Models.Puzzles;

/// <summary>What to build a Sudoku data set from; TRM's published set is a training subsample of 1000 with 1000 augmentations.</summary>
public sealed record SudokuBuildOptions
{
    /// <summary>CSV file of training puzzles: question, answer, rating.</summary>
    public required string TrainFile { get; init; }

    /// <summary>CSV file of held-out puzzles.</summary>
    public required string TestFile { get; init; }

    /// <summary>Folder of the data set.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Geometry of all puzzles.</summary>
    public SudokuShape Shape { get; init; } = SudokuShape.Grid9;

    /// <summary>Shuffled forms of each training puzzle beside the original. As in TRM, two may be equal.</summary>
    public int Augmentations { get; init; }

    /// <summary>Training puzzles to draw without replacement; null or more than there are: all.</summary>
    public int? SubsampleSize { get; init; }

    /// <summary>Held-out puzzles to draw without replacement; null or more than there are: all, as in TRM.</summary>
    public int? TestSubsampleSize { get; init; }

    /// <summary>Puzzles of both files with a lower rating are left out; null: none is.</summary>
    public int? MinDifficulty { get; init; }

    /// <summary>Seed of numpy's legacy generator; TRM itself sets none, so its own sets cannot be rebuilt.</summary>
    public uint Seed { get; init; } = 42;

    /// <summary>Called after each puzzle.</summary>
    public Action<BuildProgress>? Progress { get; init; }
}
