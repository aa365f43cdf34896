using System.Runtime.CompilerServices;
using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = ln(1 + exp(x)); dx = dy σ(x) (mamba2.md 3.8 rule 5).</summary>
/// <remarks>
/// max(x, 0) + log1p(exp(-|x|)) never overflows. log1p is Kahan's: with t = 1 + e rounded, log(t) e / (t - 1) repairs
/// the rounding of t, which would cost 5e-5 at x = -7, where Mamba-2's time steps start.
/// </remarks>
[Operator("x: * n -> y: * n")]
[BackwardReads("x")]
[Cost("12")]
public readonly struct Softplus : IPointwise1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : struct, ILane<T>
    {
        T e = T.Exp(T.Min(x, -x));
        T t = T.One + e;
        return T.Max(x, T.Zero) + T.IfGreater(t, T.One, T.Log(t) * e / (t - T.One), e);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Backward<T>(T x, T y, T dy) where T : struct, ILane<T> => dy / (T.One + T.Exp(-x));
}

/// <summary>Places <see cref="Softplus"/>.</summary>
public sealed class SoftplusAttribute(string? from = null) : OperatorAttribute<Softplus>
{
    public string? From => from;
}
