using Graph.Execution;
using Graph.Models;

namespace Graph.Samples.Sudoku;

/// <summary>The compiled models that the sample offers: name and grid to a factory of (batch, threads).</summary>
internal static class ModelChoice
{
    private static readonly Dictionary<(string Model, int Grid), Func<int, int, RecursiveModel>> Factories = new()
    {
        [("trm", 4)] = (batch, threads) => TrmAttention.Grid4.Create(batch, threads),
        [("trm", 6)] = (batch, threads) => TrmAttention.Grid6.Create(batch, threads),
        [("trm", 9)] = (batch, threads) => TrmAttention.Grid9.Create(batch, threads),
        [("trm-mlp", 4)] = (batch, threads) => TrmMlpT.Grid4.Create(batch, threads),
        [("trm-mlp", 6)] = (batch, threads) => TrmMlpT.Grid6.Create(batch, threads),
        [("trm-mlp", 9)] = (batch, threads) => TrmMlpT.Grid9.Create(batch, threads),
        [("mamba2", 4)] = (batch, threads) => Mamba2Attention.Grid4.Create(batch, threads),
        [("mamba2", 6)] = (batch, threads) => Mamba2Attention.Grid6.Create(batch, threads),
        [("mamba2", 9)] = (batch, threads) => Mamba2Attention.Grid9.Create(batch, threads),
        [("mamba2-mlp", 4)] = (batch, threads) => Mamba2MlpT.Grid4.Create(batch, threads),
        [("mamba2-mlp", 6)] = (batch, threads) => Mamba2MlpT.Grid6.Create(batch, threads),
        [("mamba2-mlp", 9)] = (batch, threads) => Mamba2MlpT.Grid9.Create(batch, threads),
    };

    public static IEnumerable<string> Names => Factories.Keys.Select(key => key.Model).Distinct();

    public static RecursiveModel Create(string model, int grid, int batch, int threads) => Factories[(model, grid)](batch, threads);
}
