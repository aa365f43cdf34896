using Graph.Execution;
using Graph.Models;

namespace Graph.Samples.Sudoku;

/// <summary>The compiled models that the sample offers: name and grid to a factory of (batch, threads).</summary>
internal static class ModelChoice
{
    private static readonly Dictionary<(string Model, int Grid), Func<int, int, RecursiveModel>> Factories = new()
    {
        [("trm", 4)] = TrmAttention.Grid4.Create,
        [("trm", 6)] = TrmAttention.Grid6.Create,
        [("trm", 9)] = TrmAttention.Grid9.Create,
        [("trm-mlp", 4)] = TrmMlpT.Grid4.Create,
        [("trm-mlp", 6)] = TrmMlpT.Grid6.Create,
        [("trm-mlp", 9)] = TrmMlpT.Grid9.Create,
        [("mamba2", 4)] = Mamba2Attention.Grid4.Create,
        [("mamba2", 6)] = Mamba2Attention.Grid6.Create,
        [("mamba2", 9)] = Mamba2Attention.Grid9.Create,
        [("mamba2-mlp", 4)] = Mamba2MlpT.Grid4.Create,
        [("mamba2-mlp", 6)] = Mamba2MlpT.Grid6.Create,
        [("mamba2-mlp", 9)] = Mamba2MlpT.Grid9.Create,
    };

    public static IEnumerable<string> Names => Factories.Keys.Select(key => key.Model).Distinct();

    public static RecursiveModel Create(string model, int grid, int batch, int threads) => Factories[(model, grid)](batch, threads);
}
