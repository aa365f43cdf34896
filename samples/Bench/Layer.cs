using Graph.Execution;
using Graph.Operators;

namespace Graph.Bench;

/// <summary>Operands of the layer 512 -> 3072 over 672 rows.</summary>
internal sealed class Layer : IDisposable
{
    public const int Count = 672, N = 3072, K = 512;

    public const double Flops = 2.0 * Count * N * K;

    /// <summary>Scratch floats that its products need, in either precision.</summary>
    public const long Scratch = MatMul.WeightGradientScratch > MatMul.RoundedScratch ? MatMul.WeightGradientScratch : MatMul.RoundedScratch;

    /// <param name="bfloat16">Weights are packed for workers that multiply in bfloat16.</param>
    public Layer(bool bfloat16)
    {
        Forward = new(MatMul.PackedLength(K, N, bfloat16));
        Backward = new(MatMul.PackedLength(N, K, bfloat16));
        MadeUp.Fill(X.Span);
        MadeUp.Fill(Weight.Span);
        MatMul.Pack(Weight.Start, K, K, N, transposed: true, Forward.Start, bfloat16);
        MatMul.Pack(Weight.Start, K, N, K, transposed: false, Backward.Start, bfloat16);
    }

    public Arena X { get; } = new((long)Count * K);

    public Arena Dx { get; } = new((long)Count * K);

    public Arena Y { get; } = new((long)Count * N);

    public Arena Weight { get; } = new((long)N * K);

    public Arena Forward { get; }

    public Arena Backward { get; }

    public static string Named(string name, bool bfloat16) => bfloat16 ? name + " bf16" : name;

    public static long Units(int rows) => Count / rows;

    public static long GradientUnits => MatMul.WeightGradientUnits(N, K);

    /// <summary>y = x Wᵀ for a block of rows.</summary>
    public void Nt(in Worker worker, long unit, int rows) =>
        MatMul.Rows(worker, X.Start + (unit * rows * K), K, Forward.Start, Y.Start + (unit * rows * N), N, rows, K, N, accumulate: false);

    /// <summary>dx = y W for a block of rows.</summary>
    public void Nn(in Worker worker, long unit, int rows) =>
        MatMul.RowsBackward(worker, Y.Start + (unit * rows * N), N, Backward.Start, Dx.Start + (unit * rows * K), K, rows, N, K, accumulate: false);

    /// <summary>W += yᵀ x for a tile of W.</summary>
    public void Tn(in Worker worker, long unit) => MatMul.WeightGradient(worker, unit, Y.Start, N, X.Start, K, Count, Weight.Start, N, K);

    public void Dispose()
    {
        X.Dispose();
        Dx.Dispose();
        Y.Dispose();
        Weight.Dispose();
        Forward.Dispose();
        Backward.Dispose();
    }
}
