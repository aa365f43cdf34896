namespace Graph.Operators;

/// <summary>
/// SwiGLU: down(silu(gate) ⊙ up), gate and up from one projection of width 2·hidden (trm.md 1.2), along the features or,
/// with <c>axis: "t"</c>, along the tokens (the weights are shared over channels, and there is no transpose).
/// Bound by the composite: <c>hidden</c>, <c>axis</c>, <c>extent</c> = the length of that axis.
/// </summary>
[Block("b t d")]
public sealed partial class SwiGluBlock
{
    [Input] public Node x;
    [Linear(outputs: "2*hidden", axis: "axis", name: "gate_up_proj")] public Node both;
    [Columns("0", "hidden", axis: "axis")] public Node gate;
    [Columns("hidden", "2*hidden", nameof(both), axis: "axis")] public Node up;
    [SwiGate(from: nameof(gate), with: nameof(up))] public Node a;
    [Linear(outputs: "extent", axis: "axis", name: "down_proj"), Output] public Node y;
}

/// <summary>Places a <see cref="SwiGluBlock"/>.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class SwiGluAttribute(string hidden, string axis = "d", string? from = null, string? name = null) : CompositeAttribute<SwiGluBlock>
{
    public string Hidden => hidden;

    public string Axis => axis;

    public string? From => from;

    public string? Name => name;
}
