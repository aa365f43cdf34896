using Graph.Execution;

namespace Graph.Models;

/// <summary>The models of this library by the names that programs take on their command lines.</summary>
public static class ShippedModels
{
    private static readonly Dictionary<(string Model, string Size), Func<int, int, RecursiveModel>> Factories = new()
    {
        [("trm", "arc")] = (batch, threads) => TrmAttention.Arc.Create(batch, threads),
        [("trm", "sudoku")] = (batch, threads) => TrmAttention.Sudoku.Create(batch, threads),
        [("trm", "maze")] = (batch, threads) => TrmAttention.Maze.Create(batch, threads),
        [("trm", "grid9")] = (batch, threads) => TrmAttention.Grid9.Create(batch, threads),
        [("trm", "grid6")] = (batch, threads) => TrmAttention.Grid6.Create(batch, threads),
        [("trm", "grid4")] = (batch, threads) => TrmAttention.Grid4.Create(batch, threads),
        [("trm-mlp", "arc")] = (batch, threads) => TrmMlpT.Arc.Create(batch, threads),
        [("trm-mlp", "sudoku")] = (batch, threads) => TrmMlpT.Sudoku.Create(batch, threads),
        [("trm-mlp", "maze")] = (batch, threads) => TrmMlpT.Maze.Create(batch, threads),
        [("trm-mlp", "grid9")] = (batch, threads) => TrmMlpT.Grid9.Create(batch, threads),
        [("trm-mlp", "grid6")] = (batch, threads) => TrmMlpT.Grid6.Create(batch, threads),
        [("trm-mlp", "grid4")] = (batch, threads) => TrmMlpT.Grid4.Create(batch, threads),
        [("mamba2", "arc")] = (batch, threads) => Mamba2Attention.Arc.Create(batch, threads),
        [("mamba2", "sudoku")] = (batch, threads) => Mamba2Attention.Sudoku.Create(batch, threads),
        [("mamba2", "maze")] = (batch, threads) => Mamba2Attention.Maze.Create(batch, threads),
        [("mamba2", "grid9")] = (batch, threads) => Mamba2Attention.Grid9.Create(batch, threads),
        [("mamba2", "grid6")] = (batch, threads) => Mamba2Attention.Grid6.Create(batch, threads),
        [("mamba2", "grid4")] = (batch, threads) => Mamba2Attention.Grid4.Create(batch, threads),
        [("mamba2-mlp", "arc")] = (batch, threads) => Mamba2MlpT.Arc.Create(batch, threads),
        [("mamba2-mlp", "sudoku")] = (batch, threads) => Mamba2MlpT.Sudoku.Create(batch, threads),
        [("mamba2-mlp", "maze")] = (batch, threads) => Mamba2MlpT.Maze.Create(batch, threads),
        [("mamba2-mlp", "grid9")] = (batch, threads) => Mamba2MlpT.Grid9.Create(batch, threads),
        [("mamba2-mlp", "grid6")] = (batch, threads) => Mamba2MlpT.Grid6.Create(batch, threads),
        [("mamba2-mlp", "grid4")] = (batch, threads) => Mamba2MlpT.Grid4.Create(batch, threads),
    };

    /// <summary><c>trm</c>, <c>trm-mlp</c>, <c>mamba2</c>, <c>mamba2-mlp</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Factories.Keys.Select(key => key.Model).Distinct()];

    /// <summary>Sizes that every model has, in lower case.</summary>
    public static IReadOnlyList<string> Sizes { get; } = [.. Factories.Keys.Select(key => key.Size).Distinct()];

    /// <param name="model">One of <see cref="Names"/>.</param>
    /// <param name="size">One of <see cref="Sizes"/>.</param>
    /// <param name="batch">Samples per step.</param>
    /// <param name="threads">CPU threads; 0: one per core.</param>
    /// <exception cref="KeyNotFoundException">There is no such model or size.</exception>
    public static RecursiveModel Create(string model, string size, int batch, int threads = 0) => Factories[(model, size)](batch, threads);
}
