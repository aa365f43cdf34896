using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = x ⊙ weight: a is x, b the weight broadcast over rows.</summary>
[Operator("x: * n -> y: * n")]
[Parameter("weight: n", Init.Ones)]
[BackwardReads("a", "b")]
[Cost("1")]
public readonly struct FeatureScale : IPointwise2
{
    public T Forward<T>(T a, T b) where T : struct, ILane<T> => a * b;

    public (T A, T B) Backward<T>(T a, T b, T y, T dy) where T : struct, ILane<T> => (dy * b, dy * a);
}

/// <summary>Places <see cref="FeatureScale"/>.</summary>
public sealed class FeatureScaleAttribute(string? from = null, string? name = null) : OperatorAttribute<FeatureScale>
{
    public string? From => from;

    public string? Name => name;
}
