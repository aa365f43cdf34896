using System.Runtime.CompilerServices;
using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = x σ(x); dx = dy σ (1 + x (1 - σ)) (mamba2.md 3.1).</summary>
[Operator("x: * n -> y: * n")]
[BackwardReads("x")]
[Cost("7")]
public readonly struct SiLU : IPointwise1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : struct, ILane<T> => x / (T.One + T.Exp(-x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Backward<T>(T x, T y, T dy) where T : struct, ILane<T>
    {
        T s = T.One / (T.One + T.Exp(-x));
        return dy * s * T.MulAdd(x, T.One - s, T.One);
    }
}

/// <summary>Places <see cref="SiLU"/>.</summary>
public sealed class SiLUAttribute(string? from = null) : OperatorAttribute<SiLU>
{
    public string? From => from;
}
