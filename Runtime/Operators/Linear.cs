namespace Graph.Operators;

/// <summary>y = x Wᵀ, truncated normal start (trm.md 1.2).</summary>
[Operator("x: * i -> y: * o")]
[Parameter("weight: o i", Init.TruncatedNormal, "i")]
[Cost("2*i*o")]
public readonly struct Linear : IContraction;

/// <summary>Places <see cref="Linear"/> along <paramref name="axis"/> with <paramref name="outputs"/> features.</summary>
public sealed class LinearAttribute(string outputs, string axis = "last", string? from = null, string? name = null) : OperatorAttribute<Linear>
{
    public string Outputs => outputs;

    public string Axis => axis;

    public string? From => from;

    public string? Name => name;
}
