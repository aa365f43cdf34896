using System.Runtime.CompilerServices;
using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = silu(a) b with a the gate and b the up projection (trm.md 1.2); da = dy b σ (1 + a (1 - σ)), db = dy a σ.</summary>
[Operator("a: * n, b: * n -> y: * n")]
[BackwardReads("a", "b")]
[Cost("9")]
public readonly struct SwiGate : IPointwise2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b) where T : struct, ILane<T> => a * b / (T.One + T.Exp(-a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (T A, T B) Backward<T>(T a, T b, T y, T dy) where T : struct, ILane<T>
    {
        T s = T.One / (T.One + T.Exp(-a));
        T dys = dy * s;
        return (dys * b * T.MulAdd(a, T.One - s, T.One), dys * a);
    }
}

/// <summary>Places <see cref="SwiGate"/>.</summary>
public sealed class SwiGateAttribute(string with, string? from = null) : OperatorAttribute<SwiGate>
{
    public string With => with;

    public string? From => from;
}
