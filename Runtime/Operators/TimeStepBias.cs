using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = x + dt_bias: Mamba-2's step bias, one a head (mamba2.md 1.2).</summary>
[Operator("x: * n -> y: * n")]
[Parameter("dt_bias: n", Init.TimeStepBias)]
[BackwardReads()]
[Cost("1")]
public readonly struct TimeStepBias : IPointwise2
{
    public T Forward<T>(T a, T b) where T : struct, ILane<T> => a + b;

    public (T A, T B) Backward<T>(T a, T b, T y, T dy) where T : struct, ILane<T> => (dy, dy);
}

/// <summary>Places <see cref="TimeStepBias"/>.</summary>
public sealed class TimeStepBiasAttribute(string? from = null, string? name = null) : OperatorAttribute<TimeStepBias>
{
    public string? From => from;

    public string? Name => name;
}
