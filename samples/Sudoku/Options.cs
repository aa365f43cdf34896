namespace Graph.Samples.Sudoku;

/// <summary>What one run does.</summary>
/// <param name="Model">A name in <see cref="Graph.Models.ShippedModels"/>.</param>
/// <param name="Grid">4, 6 or 9.</param>
/// <param name="Data">CSV of puzzles; null: generated from the seed.</param>
/// <param name="Test">CSV of held-out puzzles; null: part of the data.</param>
/// <param name="Blanks">Most blanks of a generated puzzle; 0: <see cref="Puzzles.DefaultBlanks"/>.</param>
/// <param name="Steps">Optimiser steps at most; 0: as many as the time allows.</param>
/// <param name="Minutes">Time for everything up to the final evaluation.</param>
/// <param name="Batch">Puzzles a step.</param>
/// <param name="Lr">Learning rate after warm-up.</param>
/// <param name="Seed">Of the puzzles, the weights and the draws.</param>
/// <param name="Threads">Of the CPU executor.</param>
/// <param name="Out">The run's folder; null: <c>runs/model-grid-seed</c>.</param>
internal sealed record Options(
    string Model,
    int Grid,
    string? Data,
    string? Test,
    int Blanks,
    int Steps,
    double Minutes,
    int Batch,
    double Lr,
    int Seed,
    int Threads,
    string? Out)
{
    public string Name => $"{Model}-grid{Grid}-{Seed}";

    public string Folder => Out ?? Path.Combine("runs", Name);
}
