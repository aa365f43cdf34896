using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = x + bias: a is x, b the bias broadcast over rows.</summary>
[Operator("x: * n -> y: * n")]
[Parameter("bias: n", Init.Zeros)]
[BackwardReads()]
[Cost("1")]
public readonly struct FeatureBias : IPointwise2
{
    public T Forward<T>(T a, T b) where T : struct, ILane<T> => a + b;

    public (T A, T B) Backward<T>(T a, T b, T y, T dy) where T : struct, ILane<T> => (dy, dy);
}

/// <summary>Places <see cref="FeatureBias"/>.</summary>
public sealed class FeatureBiasAttribute(string? from = null, string? name = null) : OperatorAttribute<FeatureBias>
{
    public string? From => from;

    public string? Name => name;
}
