namespace Graph.Models.Puzzles;

/// <summary>An input grid and its output.</summary>
public sealed record ArcPair(ArcGrid Input, ArcGrid Output);
