using Graph.Execution;

namespace Graph.Models.Tests;

/// <summary>
/// The shipped models at dims so small that an interpreter with a check on every access runs a whole step: the kernels are the same text
/// at every size.
/// </summary>
internal static class MiniModels
{
    public static RecursiveModel Create(string family, int batch, Device device) => family switch
    {
        "trm" => new TrmAttention.Program<Dims>("Mini", batch, device),
        "hrm" => new Hrm.Program<Dims>("Mini", batch, device),
        "trm-mlp" => new TrmMlpT.Program<Dims>("Mini", batch, device),
        "mamba2" => new Mamba2Attention.Program<Dims>("Mini", batch, device),
        "mamba2-mlp" => new Mamba2MlpT.Program<Dims>("Mini", batch, device),
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "Not a model."),
    };

    internal readonly struct Dims : TrmAttention.IDims, Hrm.IDims, TrmMlpT.IDims, Mamba2Attention.IDims, Mamba2MlpT.IDims
    {
        public static int d => 16;

        public static int f => 24;

        public static int t => 5;

        public static int p => 1;

        public static int q => 16;

        public static int v => 5;

        public static int H => 1;

        public static int L => 1;

        public static int h => 2;

        public static int ft => 8;

        public static int e => 32;

        public static int n => 8;

        public static int g => 1;

        public static int hs => 2;
    }
}
