namespace Graph.Operators;

/// <summary>
/// Mamba-2's gate and norm: y = weight ⊙ rms(x ⊙ silu(gate)), the statistic after the gate (mamba2.md 1.3, norm_before_gate = false).
/// A composite of element-wise and row operators: the compiler fuses it into one kernel, forward and backward.
/// </summary>
[Block("b t e")]
public sealed partial class GatedRmsNormBlock
{
    [Input] public Node x;
    [Input] public Node gate;
    [SiLU(from: nameof(gate))] public Node opened;
    [Mul(nameof(opened), from: nameof(x))] public Node gated;
    [RmsNorm(1e-5)] public Node normed;
    [FeatureScale(name: ""), Output] public Node y;
}

/// <summary>Places a <see cref="GatedRmsNormBlock"/>; <paramref name="with"/> is the gate.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class GatedRmsNormAttribute(string with, string? from = null, string? name = null) : CompositeAttribute<GatedRmsNormBlock>
{
    public string With => with;

    public string? From => from;

    public string? Name => name;
}
