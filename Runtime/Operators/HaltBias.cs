using Graph.Lanes;

namespace Graph.Operators;

/// <summary>y = x + bias, the bias of the halting head: it starts at -5, so that a new model does not halt (trm.md 1.2).</summary>
[Operator("x: * n -> y: * n")]
[Parameter("bias: n", Init.HaltBias)]
[BackwardReads()]
[Cost("1")]
public readonly struct HaltBias : IPointwise2
{
    public T Forward<T>(T a, T b) where T : struct, ILane<T> => a + b;

    public (T A, T B) Backward<T>(T a, T b, T y, T dy) where T : struct, ILane<T> => (dy, dy);
}

/// <summary>y = x + bias, the bias of the halting head: it starts at -5, so that a new model does not halt (trm.md 1.2).</summary>
public sealed class HaltBiasAttribute(string? from = null, string? name = null) : OperatorAttribute<HaltBias>
{
    public string? From => from;

    public string? Name => name;
}
