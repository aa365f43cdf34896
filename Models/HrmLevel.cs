using Graph.Operators;

namespace Graph.Models;

/// <summary>Four attention blocks on z + injection: HRM has one such network for each of its two states.</summary>
[Block("b t d")]
public sealed partial class HrmLevel
{
    [Input] public Node z;
    [Input] public Node injection;
    [Add(nameof(injection), from: nameof(z))] public Node start;
    [Call<TrmAttentionBlock>(layers: 4, name: "layers"), Output] public Node y;
}
