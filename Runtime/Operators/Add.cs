using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = a + b.</summary>
[Operator("a: * n, b: * n -> y: * n")]
[BackwardReads()]
[Cost("1")]
public readonly struct Add : IPointwise2
{
    public T Forward<T>(T a, T b) where T : struct, ILane<T> => a + b;

    public (T A, T B) Backward<T>(T a, T b, T y, T dy) where T : struct, ILane<T> => (dy, dy);
}

/// <summary>Places <see cref="Add"/>.</summary>
public sealed class AddAttribute(string with, string? from = null) : OperatorAttribute<Add>
{
    public string With => with;

    public string? From => from;
}
