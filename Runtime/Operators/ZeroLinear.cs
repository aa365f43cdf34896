namespace Graph.Operators;

/// <summary>y = x Wᵀ, zero start: the q head (trm.md 1.2).</summary>
[Operator("x: * i -> y: * o")]
[Parameter("weight: o i", Init.Zeros)]
[Cost("2*i*o")]
public readonly struct ZeroLinear : IContraction;

/// <summary>Places <see cref="ZeroLinear"/> along <paramref name="axis"/> with <paramref name="outputs"/> features.</summary>
public sealed class ZeroLinearAttribute(string outputs, string axis = "last", string? from = null, string? name = null) : OperatorAttribute<ZeroLinear>
{
    public string Outputs => outputs;

    public string Axis => axis;

    public string? From => from;

    public string? Name => name;
}
