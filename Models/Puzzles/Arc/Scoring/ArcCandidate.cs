namespace Graph.Models.Puzzles;

/// <summary>A predicted grid with its votes.</summary>
/// <param name="Grid">In the original task's colours and orientation; 0x0 where predictions began with no colour.</param>
/// <param name="Votes">Predictions that were this grid, at least 1.</param>
/// <param name="MeanQ">Mean halt probability of these predictions, 0 to 1.</param>
public readonly record struct ArcCandidate(ArcGrid Grid, long Votes, double MeanQ);
