namespace Graph.Models.Puzzles;

/// <summary>Where a <see cref="GroupBatches"/> stands: all that a resumed run needs to draw the same batches as one that never stopped.</summary>
/// <param name="Iteration">Iterations that were begun, over all sets, minus one; from 0.</param>
/// <param name="Next">Groups of this iteration's order that are used up.</param>
public readonly record struct GroupPosition(int Iteration, int Next);
