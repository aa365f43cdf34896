namespace Graph.Models.Puzzles;

/// <summary>What a builder wrote into one split.</summary>
/// <param name="Groups">Original puzzles.</param>
/// <param name="Puzzles">Originals and augmented forms.</param>
/// <param name="Examples">Pairs of input and label.</param>
public sealed record SplitSummary(int Groups, int Puzzles, int Examples);
