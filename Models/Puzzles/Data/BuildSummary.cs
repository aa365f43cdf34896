namespace Graph.Models.Puzzles;

/// <summary>What a builder wrote.</summary>
/// <param name="Train">The training split.</param>
/// <param name="Test">The held-out split.</param>
/// <param name="Identifiers">Puzzle identifiers, the blank included.</param>
public sealed record BuildSummary(SplitSummary Train, SplitSummary Test, int Identifiers);
