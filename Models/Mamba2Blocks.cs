using Graph.Operators;

namespace Graph.Models;

/// <summary>
/// The Mamba-2 mixer (mamba2.md 1.3): in_proj → [z | x B C | dt], causal convolution + SiLU, selective scan, gate, norm, out_proj.
/// e = inner width, n = state, g = groups, hs = heads of the scan.
/// </summary>
[Block("b t d")]
public sealed partial class Mamba2Mixer
{
    [Input] public Node u;
    [UniformLinear(outputs: "2*e + 2*g*n + hs", name: "in_proj")] public Node all;
    [Columns("0", "e")] public Node z;
    [Columns("e", "2*e + 2*g*n", nameof(all))] public Node raw;
    [Columns("2*e + 2*g*n", "2*e + 2*g*n + hs", nameof(all))] public Node rate;
    [TimeStepBias(from: nameof(rate), name: "")] public Node biased;
    [Softplus] public Node dt;
    [CausalConvSiLU(from: nameof(raw), name: "conv1d")] public Node xbc;
    [SsdScan(with: nameof(dt), from: nameof(xbc), heads: "hs", groups: "g", state: "n", split: 2, name: "")] public Node scan;
    [GatedRmsNorm(with: nameof(z), name: "norm")] public Node gated;
    [UniformLinear(outputs: "d", name: "out_proj"), Output] public Node y;
}

/// <summary>Residual and norm after a sub-layer: rms(skip + branch).</summary>
[Block("b t d")]
public sealed partial class PostNorm
{
    [Input] public Node branch;
    [Input] public Node skip;
    [Add(nameof(skip), from: nameof(branch))] public Node sum;
    [RmsNorm(1e-5), Output] public Node y;
}

/// <summary>TR-mamba2attn's stack (arXiv 2602.12078, trm.md 1.8): Mamba-2, Mamba-2, attention, SwiGLU, post-norm after each.</summary>
[Block("b t d")]
public sealed partial class Mamba2AttentionLevel
{
    [Input] public Node state;
    [Input] public Node injection;
    [Add(nameof(injection), from: nameof(state))] public Node start;
    [Call<Mamba2Mixer>(name: "layers.0.mamba")] public Node m1;
    [Call<PostNorm>(nameof(start))] public Node n1;
    [Call<Mamba2Mixer>(name: "layers.1.mamba")] public Node m2;
    [Call<PostNorm>(nameof(n1))] public Node n2;
    [SelfAttention(heads: "h", name: "layers.2.self_attn")] public Node a;
    [Call<PostNorm>(nameof(n2))] public Node n3;
    [SwiGlu(hidden: "f", name: "layers.3.mlp")] public Node mlp;
    [Call<PostNorm>(nameof(n3)), Output] public Node y;
}

/// <summary>TR-mamba2mlpt's stack: the attention replaced by a token MLP whose norm is over the tokens, as in TRM.</summary>
[Block("b t d")]
public sealed partial class Mamba2MlpTLevel
{
    [Input] public Node state;
    [Input] public Node injection;
    [Add(nameof(injection), from: nameof(state))] public Node start;
    [Call<Mamba2Mixer>(name: "layers.0.mamba")] public Node m1;
    [Call<PostNorm>(nameof(start))] public Node n1;
    [Call<Mamba2Mixer>(name: "layers.1.mamba")] public Node m2;
    [Call<PostNorm>(nameof(n1))] public Node n2;
    [SwiGlu(hidden: "ft", axis: "t", name: "layers.2.mlp_t")] public Node mix;
    [Add(nameof(n2))] public Node r3;
    [RmsNorm(1e-5, axis: "t")] public Node n3;
    [SwiGlu(hidden: "f", name: "layers.3.mlp")] public Node mlp;
    [Call<PostNorm>(nameof(n3)), Output] public Node y;
}
