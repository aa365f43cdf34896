using Graph.Execution;

namespace Graph.Models;

/// <summary>The models of this library by the names that programs take on their command lines.</summary>
public static class ShippedModels
{
    private static readonly Dictionary<(string Model, string Size), Func<int, Device, RecursiveModel>> Factories = new()
    {
        [("trm", "arc")] = (batch, device) => TrmAttention.Arc.Create(batch, device: device),
        [("trm", "sudoku")] = (batch, device) => TrmAttention.Sudoku.Create(batch, device: device),
        [("trm", "maze")] = (batch, device) => TrmAttention.Maze.Create(batch, device: device),
        [("trm", "grid9")] = (batch, device) => TrmAttention.Grid9.Create(batch, device: device),
        [("trm", "grid6")] = (batch, device) => TrmAttention.Grid6.Create(batch, device: device),
        [("trm", "grid4")] = (batch, device) => TrmAttention.Grid4.Create(batch, device: device),
        [("trm-mlp", "arc")] = (batch, device) => TrmMlpT.Arc.Create(batch, device: device),
        [("trm-mlp", "sudoku")] = (batch, device) => TrmMlpT.Sudoku.Create(batch, device: device),
        [("trm-mlp", "maze")] = (batch, device) => TrmMlpT.Maze.Create(batch, device: device),
        [("trm-mlp", "grid9")] = (batch, device) => TrmMlpT.Grid9.Create(batch, device: device),
        [("trm-mlp", "grid6")] = (batch, device) => TrmMlpT.Grid6.Create(batch, device: device),
        [("trm-mlp", "grid4")] = (batch, device) => TrmMlpT.Grid4.Create(batch, device: device),
        [("mamba2", "arc")] = (batch, device) => Mamba2Attention.Arc.Create(batch, device: device),
        [("mamba2", "sudoku")] = (batch, device) => Mamba2Attention.Sudoku.Create(batch, device: device),
        [("mamba2", "maze")] = (batch, device) => Mamba2Attention.Maze.Create(batch, device: device),
        [("mamba2", "grid9")] = (batch, device) => Mamba2Attention.Grid9.Create(batch, device: device),
        [("mamba2", "grid6")] = (batch, device) => Mamba2Attention.Grid6.Create(batch, device: device),
        [("mamba2", "grid4")] = (batch, device) => Mamba2Attention.Grid4.Create(batch, device: device),
        [("mamba2-mlp", "arc")] = (batch, device) => Mamba2MlpT.Arc.Create(batch, device: device),
        [("mamba2-mlp", "sudoku")] = (batch, device) => Mamba2MlpT.Sudoku.Create(batch, device: device),
        [("mamba2-mlp", "maze")] = (batch, device) => Mamba2MlpT.Maze.Create(batch, device: device),
        [("mamba2-mlp", "grid9")] = (batch, device) => Mamba2MlpT.Grid9.Create(batch, device: device),
        [("mamba2-mlp", "grid6")] = (batch, device) => Mamba2MlpT.Grid6.Create(batch, device: device),
        [("mamba2-mlp", "grid4")] = (batch, device) => Mamba2MlpT.Grid4.Create(batch, device: device),
    };

    /// <summary><c>trm</c>, <c>trm-mlp</c>, <c>mamba2</c>, <c>mamba2-mlp</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Factories.Keys.Select(key => key.Model).Distinct()];

    /// <summary>Sizes that every model has, in lower case.</summary>
    public static IReadOnlyList<string> Sizes { get; } = [.. Factories.Keys.Select(key => key.Size).Distinct()];

    /// <param name="model">One of <see cref="Names"/>.</param>
    /// <param name="size">One of <see cref="Sizes"/>.</param>
    /// <param name="batch">Samples per step.</param>
    /// <param name="threads">CPU threads; 0: one per core.</param>
    /// <param name="device">Where it runs; null: the CPU, with <paramref name="threads"/>.</param>
    /// <exception cref="KeyNotFoundException">There is no such model or size.</exception>
    public static RecursiveModel Create(string model, string size, int batch, int threads = 0, Device? device = null) =>
        Factories[(model, size)](batch, device ?? Device.Cpu(threads));
}
