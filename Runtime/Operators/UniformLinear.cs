namespace Graph.Operators;

/// <summary>y = x Wᵀ, PyTorch's uniform start, as Mamba-2's projections (mamba2.md 1.2).</summary>
[Operator("x: * i -> y: * o")]
[Parameter("weight: o i", Init.Uniform, "i")]
[Cost("2*i*o")]
public readonly struct UniformLinear : IContraction;

/// <summary>Places <see cref="UniformLinear"/> along <paramref name="axis"/> with <paramref name="outputs"/> features.</summary>
public sealed class UniformLinearAttribute(string outputs, string axis = "last", string? from = null, string? name = null) : OperatorAttribute<UniformLinear>
{
    public string Outputs => outputs;

    public string Axis => axis;

    public string? From => from;

    public string? Name => name;
}
