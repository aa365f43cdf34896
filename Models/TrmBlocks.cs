using Graph.Operators;

namespace Graph.Models;

/// <summary>TRM's post-norm block with attention: h = rms(x + attn(x)); y = rms(h + swiglu(h)) (trm.md 1.2).</summary>
[Block("b t d")]
public sealed partial class TrmAttentionBlock
{
    [Input] public Node x;
    [SelfAttention(heads: "h", name: "self_attn")] public Node mix;
    [Add(nameof(x))] public Node r1;
    [RmsNorm(1e-5)] public Node n1;
    [SwiGlu(hidden: "f", name: "mlp")] public Node mlp;
    [Add(nameof(n1))] public Node r2;
    [RmsNorm(1e-5), Output] public Node y;
}

/// <summary>TRM's block that mixes tokens by an MLP. The first norm's mean is over the tokens, per channel, as in the reference.</summary>
[Block("b t d")]
public sealed partial class TrmMlpTBlock
{
    [Input] public Node x;
    [SwiGlu(hidden: "ft", axis: "t", name: "mlp_t")] public Node mix;
    [Add(nameof(x))] public Node r1;
    [RmsNorm(1e-5, axis: "t")] public Node n1;
    [SwiGlu(hidden: "f", name: "mlp")] public Node mlp;
    [Add(nameof(n1))] public Node r2;
    [RmsNorm(1e-5), Output] public Node y;
}

/// <summary>Two attention blocks on z + injection: the network that both updates of TRM share.</summary>
[Block("b t d")]
public sealed partial class TrmAttentionLevel
{
    [Input] public Node z;
    [Input] public Node injection;
    [Add(nameof(injection), from: nameof(z))] public Node start;
    [Call<TrmAttentionBlock>(layers: 2, name: "layers"), Output] public Node y;
}

/// <summary>The same with token MLPs.</summary>
[Block("b t d")]
public sealed partial class TrmMlpTLevel
{
    [Input] public Node z;
    [Input] public Node injection;
    [Add(nameof(injection), from: nameof(z))] public Node start;
    [Call<TrmMlpTBlock>(layers: 2, name: "layers"), Output] public Node y;
}
