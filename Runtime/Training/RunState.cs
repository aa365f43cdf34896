namespace Graph.Training;

/// <summary>What a program keeps in a checkpoint beside the trainer's own state.</summary>
public sealed record RunState
{
    /// <summary>Position of the data stream, in the program's own words (a number, JSON). Kept as it is.</summary>
    public string Sampler { get; init; } = "";

    /// <summary>The run's configuration as JSON, for people and for the program that resumes. Kept as it is.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>Names of the puzzle table's rows: vectors are worth nothing without them (trm.md 8.6). Empty: not kept.</summary>
    public IReadOnlyList<string> Identifiers { get; init; } = [];

    /// <summary>Validation value of these weights, larger is better; null: not measured.</summary>
    public double? Validation { get; init; }
}
