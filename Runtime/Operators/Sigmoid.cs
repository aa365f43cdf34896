using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = 1 / (1 + exp(-x)); dx = dy y (1 - y). exp(-x) may overflow to infinity, whose inverse is the right 0.</summary>
[Operator("x: * n -> y: * n")]
[BackwardReads("y")]
[Cost("6")]
public readonly struct Sigmoid : IPointwise1
{
    public T Forward<T>(T x) where T : struct, ILane<T> => T.One / (T.One + T.Exp(-x));

    public T Backward<T>(T x, T y, T dy) where T : struct, ILane<T> => dy * y * (T.One - y);
}

/// <summary>Places <see cref="Sigmoid"/>.</summary>
public sealed class SigmoidAttribute(string? from = null) : OperatorAttribute<Sigmoid>
{
    public string? From => from;
}
