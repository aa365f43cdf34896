using Graph.Operators;

namespace Graph.Models.Tests;

/// <summary>TRM with as many layers, and the heads, of <see cref="Hrm"/>: the one network serves both updates, and all turns of L carry gradient.</summary>
[Model]
[Loop("H", count: "H"), Loop("L", count: "L", inside: "H")]
public sealed partial class TrmFourLayers
{
    [Input("b t-p", integer: true)] public Node tokens;
    [Input("b t-p", integer: true)] public Node labels;
    [Input("b q", gradient: true)] public Node puzzle;
    [Input("b")] public Node continueTarget;
    [Embed(t: "t", c: "d", v: "v", p: "p", from: nameof(tokens), with: nameof(puzzle), name: "inner.embed_tokens")] public Node x;
    [State("b t d", init: "inner.H_init")] public Node zH;
    [State("b t d", init: "inner.L_init")] public Node zL;
    [Add(nameof(x), from: nameof(zH)), In("H/L")] public Node inject;
    [Call<HrmLevel>(nameof(inject), from: nameof(zL), share: "core", name: "inner.L_level"), In("H/L"), Updates(nameof(zL))] public Node stepL;
    [Call<HrmLevel>(nameof(zL), from: nameof(zH), share: "core"), In("H"), Updates(nameof(zH))] public Node stepH;
    [Rows(first: "p", n: "t-p", from: nameof(zH))] public Node grid;
    [Linear(outputs: "v", name: "inner.lm_head"), Output] public Node logits;
    [Rows(first: "0", n: "1", from: nameof(zH))] public Node slot;
    [ZeroLinear(outputs: "2", name: "inner.q_head")] public Node q;
    [HaltBias(name: "inner.q_head"), Output] public Node halt;
    [StablemaxCrossEntropy(with: nameof(labels), from: nameof(logits)), Loss] public Node loss;
    [BinaryCrossEntropy(column: 0, with: nameof(loss) + ".exact", from: nameof(halt)), Loss(0.5)] public Node haltLoss;
    [BinaryCrossEntropy(column: 1, with: nameof(continueTarget), from: nameof(halt)), Loss(0.5)] public Node continueLoss;

    [Size] public static partial class Tiny { public const int d = 16, f = 24, t = 10, p = 1, q = 16, v = 5, H = 1, L = 1, h = 2; }
}
