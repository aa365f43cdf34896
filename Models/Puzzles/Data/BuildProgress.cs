namespace Graph.Models.Puzzles;

/// <summary>How far a builder is.</summary>
/// <param name="Stage">What it does, for people.</param>
/// <param name="Done">Items done.</param>
/// <param name="Total">Items of this stage.</param>
public readonly record struct BuildProgress(string Stage, int Done, int Total);
