using Graph.Execution;
using Graph.Models;

namespace Graph.Inspect;

/// <summary>The shipped models by the names that the command line takes.</summary>
internal static class Catalogue
{
    private static readonly Dictionary<string, Dictionary<string, Func<int, RecursiveModel>>> Models = new(StringComparer.OrdinalIgnoreCase)
    {
        ["trm"] = Sizes(b => TrmAttention.Arc.Create(b), b => TrmAttention.Sudoku.Create(b), b => TrmAttention.Maze.Create(b), b => TrmAttention.Grid9.Create(b), b => TrmAttention.Grid6.Create(b), b => TrmAttention.Grid4.Create(b)),
        ["trm-mlp"] = Sizes(b => TrmMlpT.Arc.Create(b), b => TrmMlpT.Sudoku.Create(b), b => TrmMlpT.Maze.Create(b), b => TrmMlpT.Grid9.Create(b), b => TrmMlpT.Grid6.Create(b), b => TrmMlpT.Grid4.Create(b)),
        ["mamba2"] = Sizes(b => Mamba2Attention.Arc.Create(b), b => Mamba2Attention.Sudoku.Create(b), b => Mamba2Attention.Maze.Create(b), b => Mamba2Attention.Grid9.Create(b), b => Mamba2Attention.Grid6.Create(b), b => Mamba2Attention.Grid4.Create(b)),
        ["mamba2-mlp"] = Sizes(b => Mamba2MlpT.Arc.Create(b), b => Mamba2MlpT.Sudoku.Create(b), b => Mamba2MlpT.Maze.Create(b), b => Mamba2MlpT.Grid9.Create(b), b => Mamba2MlpT.Grid6.Create(b), b => Mamba2MlpT.Grid4.Create(b)),
    };

    public static string ModelNames => string.Join(", ", Models.Keys);

    /// <exception cref="GraphException">No such model or size.</exception>
    public static CpuProgram Create(string model, string size, int batch)
    {
        if (!Models.TryGetValue(model, out var sizes))
        {
            throw new GraphException($"--model {model}: expected one of {ModelNames}.");
        }

        if (!sizes.TryGetValue(size, out var create))
        {
            throw new GraphException($"--size {size}: expected one of {string.Join(", ", sizes.Keys)}.");
        }

        return (CpuProgram)create(batch);
    }

    private static Dictionary<string, Func<int, RecursiveModel>> Sizes(params ReadOnlySpan<Func<int, RecursiveModel>> create)
    {
        string[] names = ["arc", "sudoku", "maze", "grid9", "grid6", "grid4"];
        var sizes = new Dictionary<string, Func<int, RecursiveModel>>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < names.Length; i++)
        {
            sizes[names[i]] = create[i];
        }

        return sizes;
    }
}
