using Graph.Operators;

namespace Graph.Models.Tests;

/// <summary>TRM's attention block without rotary positions.</summary>
[Block("b t d")]
public sealed partial class PlainBlock
{
    [Input] public Node x;
    [PlainSelfAttention(heads: "h", name: "self_attn")] public Node mix;
    [Add(nameof(x))] public Node r1;
    [RmsNorm(1e-5)] public Node n1;
    [SwiGlu(hidden: "f", name: "mlp")] public Node mlp;
    [Add(nameof(n1))] public Node r2;
    [RmsNorm(1e-5), Output] public Node y;
}

[Block("b t d")]
public sealed partial class PlainLevel
{
    [Input] public Node z;
    [Input] public Node injection;
    [Add(nameof(injection), from: nameof(z))] public Node start;
    [Call<PlainBlock>(layers: 2, name: "layers"), Output] public Node y;
}

/// <summary>TRM with a learned position table instead of rotary positions (trm.md 1.3), in the size of trm-learned-step.</summary>
[Model]
[Loop("H", count: "H"), Loop("L", count: "L", inside: "H")]
public sealed partial class TrmLearned
{
    [Input("b t-p", integer: true)] public Node tokens;
    [Input("b t-p", integer: true)] public Node labels;
    [Input("b q", gradient: true)] public Node puzzle;
    [Embed(t: "t", c: "d", v: "v", p: "p", from: nameof(tokens), with: nameof(puzzle), name: "inner.embed_tokens")] public Node embedded;
    [LearnedPositions(name: "inner.embed_pos")] public Node x;
    [State("b t d", init: "inner.H_init")] public Node zH;
    [State("b t d", init: "inner.L_init")] public Node zL;
    [Add(nameof(x), from: nameof(zH)), In("H/L")] public Node inject;
    [Call<PlainLevel>(nameof(inject), from: nameof(zL), share: "core", name: "inner.L_level"), In("H/L"), Updates(nameof(zL))] public Node stepL;
    [Call<PlainLevel>(nameof(zL), from: nameof(zH), share: "core"), In("H"), Updates(nameof(zH))] public Node stepH;
    [Rows(first: "p", n: "t-p", from: nameof(zH))] public Node grid;
    [Linear(outputs: "v", name: "inner.lm_head"), Output] public Node logits;
    [Rows(first: "0", n: "1", from: nameof(zH))] public Node slot;
    [ZeroLinear(outputs: "2", name: "inner.q_head")] public Node q;
    [HaltBias(name: "inner.q_head"), Output] public Node halt;
    [StablemaxCrossEntropy(with: nameof(labels), from: nameof(logits)), Loss] public Node loss;
    [BinaryCrossEntropy(column: 0, with: nameof(loss) + ".exact", from: nameof(halt)), Loss(0.5)] public Node haltLoss;

    [Size] public static partial class Tiny { public const int d = 32, f = 256, t = 24, p = 4, q = 64, v = 7, H = 2, L = 2, h = 2; }
}
