using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = factor x.</summary>
[Operator("x: * n -> y: * n")]
[BackwardReads()]
[Cost("1")]
public readonly struct Scale(double factor) : IPointwise1
{
    public T Forward<T>(T x) where T : struct, ILane<T> => T.Of(factor) * x;

    public T Backward<T>(T x, T y, T dy) where T : struct, ILane<T> => T.Of(factor) * dy;
}

/// <summary>Places <see cref="Scale"/>.</summary>
public sealed class ScaleAttribute(double factor, string? from = null) : OperatorAttribute<Scale>
{
    public double Factor => factor;

    public string? From => from;
}
