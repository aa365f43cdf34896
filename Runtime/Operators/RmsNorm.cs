using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = x r with r = 1 / sqrt(mean(x²) + eps), no learned gain (trm.md 1.2); dx = r (dy - y mean(dy y)).</summary>
[Operator("x: * n -> y: * n")]
[BackwardReads("y")]
[Cost("4")]
public readonly struct RmsNorm(float eps) : IRowOperator
{
    /// <summary>Added to the mean of squares.</summary>
    public float Eps => eps;

    public T Accumulate<T>(T sum, T x) where T : struct, ILane<T> => T.MulAdd(x, x, sum);

    public T Finish<T>(T sum, int n) where T : struct, ILane<T> => T.One / T.Sqrt(sum / T.Of(n) + T.Of(eps));

    public T Apply<T>(T x, T statistic) where T : struct, ILane<T> => x * statistic;

    public T AccumulateBackward<T>(T sum, T x, T y, T dy) where T : struct, ILane<T> => T.MulAdd(dy, y, sum);

    public T FinishBackward<T>(T sum, int n, T statistic) where T : struct, ILane<T> => sum / T.Of(n);

    public T ApplyBackward<T>(T x, T y, T dy, T statistic, T c) where T : struct, ILane<T> => statistic * (dy - y * c);
}

/// <summary>Places <see cref="RmsNorm"/> along <paramref name="axis"/>.</summary>
public sealed class RmsNormAttribute(double eps = 1e-5, string axis = "d", string? from = null) : OperatorAttribute<RmsNorm>
{
    public double Eps => eps;

    public string Axis => axis;

    public string? From => from;
}
