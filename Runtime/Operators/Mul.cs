using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = a b.</summary>
[Operator("a: * n, b: * n -> y: * n")]
[BackwardReads("a", "b")]
[Cost("1")]
public readonly struct Mul : IPointwise2
{
    public T Forward<T>(T a, T b) where T : struct, ILane<T> => a * b;

    public (T A, T B) Backward<T>(T a, T b, T y, T dy) where T : struct, ILane<T> => (dy * b, dy * a);
}

/// <summary>Places <see cref="Mul"/>.</summary>
public sealed class MulAttribute(string with, string? from = null) : OperatorAttribute<Mul>
{
    public string With => with;

    public string? From => from;
}
