namespace Graph.Training;

/// <summary>A run that goes on from a checkpoint.</summary>
/// <param name="Path">The file.</param>
/// <param name="Step">Optimiser steps taken so far.</param>
/// <param name="State">What the program had kept.</param>
/// <param name="Notices">One sentence for each damaged file that was passed over and each setting that is not what it was; empty: the run
/// goes on as if it had never stopped.</param>
public sealed record ResumedRun(string Path, long Step, RunState State, IReadOnlyList<string> Notices);
