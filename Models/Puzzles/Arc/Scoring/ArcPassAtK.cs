using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>
/// A test input counts when the right grid is among its first K candidates. Three published rules make a score of that; K = 2 with
/// <paramref name="PartialCredit"/> is the official score of ARC Prize.
/// </summary>
/// <param name="K">Attempts.</param>
/// <param name="PartialCredit">Mean over tasks of the share of test inputs that count (TRM, ARC Prize's harness).</param>
/// <param name="AllPairs">Share of tasks of which every test input counts (HRM, ARC-AGI's definition of a solved task).</param>
/// <param name="Inputs">Share of all test inputs that count (Kaggle's ARC Prize).</param>
public sealed record ArcPassAtK(int K, Share PartialCredit, Share AllPairs, Share Inputs);
