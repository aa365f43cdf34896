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
        [("trm", "arc-small")] = (batch, device) => TrmAttention.ArcSmall.Create(batch, device: device),
        [("trm", "maze-small")] = (batch, device) => TrmAttention.MazeSmall.Create(batch, device: device),
        [("hrm", "arc")] = (batch, device) => Hrm.Arc.Create(batch, device: device),
        [("hrm", "sudoku")] = (batch, device) => Hrm.Sudoku.Create(batch, device: device),
        [("hrm", "maze")] = (batch, device) => Hrm.Maze.Create(batch, device: device),
        [("hrm", "grid9")] = (batch, device) => Hrm.Grid9.Create(batch, device: device),
        [("hrm", "grid6")] = (batch, device) => Hrm.Grid6.Create(batch, device: device),
        [("hrm", "grid4")] = (batch, device) => Hrm.Grid4.Create(batch, device: device),
        [("hrm", "arc-small")] = (batch, device) => Hrm.ArcSmall.Create(batch, device: device),
        [("hrm", "maze-small")] = (batch, device) => Hrm.MazeSmall.Create(batch, device: device),
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
        [("mamba2", "arc-small")] = (batch, device) => Mamba2Attention.ArcSmall.Create(batch, device: device),
        [("mamba2", "maze-small")] = (batch, device) => Mamba2Attention.MazeSmall.Create(batch, device: device),
        [("mamba2-mlp", "arc")] = (batch, device) => Mamba2MlpT.Arc.Create(batch, device: device),
        [("mamba2-mlp", "sudoku")] = (batch, device) => Mamba2MlpT.Sudoku.Create(batch, device: device),
        [("mamba2-mlp", "maze")] = (batch, device) => Mamba2MlpT.Maze.Create(batch, device: device),
        [("mamba2-mlp", "grid9")] = (batch, device) => Mamba2MlpT.Grid9.Create(batch, device: device),
        [("mamba2-mlp", "grid6")] = (batch, device) => Mamba2MlpT.Grid6.Create(batch, device: device),
        [("mamba2-mlp", "grid4")] = (batch, device) => Mamba2MlpT.Grid4.Create(batch, device: device),
    };

    private static readonly Dictionary<string, string> Classes = new(StringComparer.Ordinal)
    {
        [nameof(TrmAttention)] = "trm",
        [nameof(Hrm)] = "hrm",
        [nameof(TrmMlpT)] = "trm-mlp",
        [nameof(Mamba2Attention)] = "mamba2",
        [nameof(Mamba2MlpT)] = "mamba2-mlp",
    };

    /// <summary><c>trm</c>, <c>hrm</c>, <c>trm-mlp</c>, <c>mamba2</c>, <c>mamba2-mlp</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Factories.Keys.Select(key => key.Model).Distinct()];

    /// <summary>Sizes that at least one model has.</summary>
    public static IReadOnlyList<string> Sizes { get; } = [.. Factories.Keys.Select(key => key.Size).Distinct()];

    /// <summary>Sizes of one model.</summary>
    /// <param name="model">One of <see cref="Names"/>; of any other name there are none.</param>
    public static IReadOnlyList<string> SizesOf(string model) => [.. Factories.Keys.Where(key => key.Model == model).Select(key => key.Size)];

    /// <summary>The names under which a program's class and size are created here, as a checkpoint states them; null: they are not of this library.</summary>
    /// <param name="modelClass">As <see cref="RecursiveModel.Name"/>.</param>
    /// <param name="sizeClass">As <see cref="RecursiveModel.Size"/>.</param>
    public static (string Model, string Size)? Find(string modelClass, string sizeClass)
    {
        var model = Classes.GetValueOrDefault(modelClass, "");
        var size = SizesOf(model).FirstOrDefault(size => size.Replace("-", "", StringComparison.Ordinal).Equals(sizeClass, StringComparison.OrdinalIgnoreCase));
        return size is null ? null : (model, size);
    }

    /// <param name="model">One of <see cref="Names"/>.</param>
    /// <param name="size">One of <see cref="SizesOf"/> the model.</param>
    /// <param name="batch">Samples per step.</param>
    /// <param name="threads">CPU threads; 0: one per core.</param>
    /// <param name="device">Where it runs; null: the CPU, with <paramref name="threads"/>.</param>
    /// <exception cref="GraphException">There is no such model or size.</exception>
    public static RecursiveModel Create(string model, string size, int batch, int threads = 0, Device? device = null) =>
        Factories.TryGetValue((model, size), out var factory)
            ? factory(batch, device ?? Device.Cpu(threads))
            : throw new GraphException(Names.Contains(model)
                ? $"Model {model} has no size '{size}'; expected one of {string.Join(", ", SizesOf(model))}."
                : $"There is no model '{model}'; expected one of {string.Join(", ", Names)}.");
}
