using Graph.Execution;
using Graph.Operators;

namespace Graph.Bench;

/// <summary>Operands of the layer 512 -> 3072 over 672 rows.</summary>
internal sealed class Layer : IDisposable
{
    public const int Count = 672, N = 3072, K = 512;

    public const double Flops = 2.0 * Count * N * K;

    public Layer()
    {
        MadeUp.Fill(X.Span);
        MadeUp.Fill(Weight.Span);
        MatMul.Pack(Weight.Start, K, K, N, transposed: true, Forward.Start);
        MatMul.Pack(Weight.Start, K, N, K, transposed: false, Backward.Start);
    }

    public Arena X { get; } = new((long)Count * K);

    public Arena Dx { get; } = new((long)Count * K);

    public Arena Y { get; } = new((long)Count * N);

    public Arena Weight { get; } = new((long)N * K);

    public Arena Forward { get; } = new(MatMul.PackedLength(K, N));

    public Arena Backward { get; } = new(MatMul.PackedLength(N, K));

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
