using Graph.Execution;
using Graph.Models;

namespace Graph.Bench;

/// <summary>The shipped models by the names that the command line takes.</summary>
internal static class Catalogue
{
    private static readonly Dictionary<(string Model, string Size), Func<int, int, RecursiveModel>> Models = new()
    {
        [("trm", "arc")] = (batch, threads) => TrmAttention.Arc.Create(batch, threads),
        [("trm", "sudoku")] = (batch, threads) => TrmAttention.Sudoku.Create(batch, threads),
        [("trm", "grid6")] = (batch, threads) => TrmAttention.Grid6.Create(batch, threads),
        [("trm", "grid4")] = (batch, threads) => TrmAttention.Grid4.Create(batch, threads),
        [("trm-mlp", "arc")] = (batch, threads) => TrmMlpT.Arc.Create(batch, threads),
        [("trm-mlp", "sudoku")] = (batch, threads) => TrmMlpT.Sudoku.Create(batch, threads),
        [("trm-mlp", "grid6")] = (batch, threads) => TrmMlpT.Grid6.Create(batch, threads),
        [("trm-mlp", "grid4")] = (batch, threads) => TrmMlpT.Grid4.Create(batch, threads),
        [("mamba2", "arc")] = (batch, threads) => Mamba2Attention.Arc.Create(batch, threads),
        [("mamba2", "sudoku")] = (batch, threads) => Mamba2Attention.Sudoku.Create(batch, threads),
        [("mamba2", "grid6")] = (batch, threads) => Mamba2Attention.Grid6.Create(batch, threads),
        [("mamba2", "grid4")] = (batch, threads) => Mamba2Attention.Grid4.Create(batch, threads),
        [("mamba2-mlp", "arc")] = (batch, threads) => Mamba2MlpT.Arc.Create(batch, threads),
        [("mamba2-mlp", "sudoku")] = (batch, threads) => Mamba2MlpT.Sudoku.Create(batch, threads),
        [("mamba2-mlp", "grid6")] = (batch, threads) => Mamba2MlpT.Grid6.Create(batch, threads),
        [("mamba2-mlp", "grid4")] = (batch, threads) => Mamba2MlpT.Grid4.Create(batch, threads),
    };

    public static string[] ModelNames => [.. Models.Keys.Select(key => key.Model).Distinct()];

    public static string[] SizeNames => [.. Models.Keys.Select(key => key.Size).Distinct()];

    public static CpuProgram Create(string model, string size, int batch, int threads) => (CpuProgram)Models[(model, size)](batch, threads);
}
