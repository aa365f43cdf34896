using Graph.Operators;

namespace Graph.Models.Tests;

// One operator or block each, in the sizes of the golden op-* files; parameter names are those of the files.

[Model]
public sealed partial class RmsNormOnly
{
    [Input("b t d", gradient: true)] public Node x;
    [Input("b t d")] public Node gradient;
    [RmsNorm(1e-5, from: nameof(x)), Output] public Node y;
    [DotLoss(nameof(gradient), from: nameof(y)), Loss] public Node loss;

    [Size] public static partial class Golden { public const int d = 32, t = 36; }
}

[Model]
public sealed partial class SwiGluOnly
{
    [Input("b t d", gradient: true)] public Node x;
    [Input("b t d")] public Node gradient;
    [SwiGlu(hidden: "f", from: nameof(x), name: "inner.L_level.layers.0.mlp"), Output] public Node y;
    [DotLoss(nameof(gradient), from: nameof(y)), Loss] public Node loss;

    [Size] public static partial class Golden { public const int d = 32, t = 36, f = 256; }
}

/// <summary>In a loop of one turn: products along the tokens are compiled inside loops, where the models use them.</summary>
[Model]
[Loop("H", count: "H")]
public sealed partial class TokenSwiGluOnly
{
    [Input("b t d", gradient: true)] public Node x;
    [Input("b t d")] public Node gradient;
    [State("b t d", init: "init")] public Node state;
    [SwiGlu(hidden: "f", axis: "t", from: nameof(x), name: "inner.L_level.layers.0.mlp_t"), In("H"), Updates(nameof(state))] public Node mix;
    [DotLoss(nameof(gradient), from: nameof(state)), Loss] public Node loss;

    [Size] public static partial class Golden { public const int d = 32, t = 36, f = 256, H = 1; }
}

[Model]
public sealed partial class AttentionOnly
{
    [Input("b t d", gradient: true)] public Node x;
    [Input("b t d")] public Node gradient;
    [SelfAttention(heads: "h", from: nameof(x), name: "inner.L_level.layers.0.self_attn"), Output] public Node y;
    [DotLoss(nameof(gradient), from: nameof(y)), Loss] public Node loss;

    [Size] public static partial class Golden { public const int d = 32, t = 36, h = 2; }
}

[Model]
public sealed partial class MambaOnly
{
    [Input("b t d", gradient: true)] public Node x;
    [Input("b t d")] public Node gradient;
    [Call<Mamba2Mixer>(from: nameof(x), name: "inner.L_level.layers.0.mamba"), Output] public Node y;
    [DotLoss(nameof(gradient), from: nameof(y)), Loss] public Node loss;

    [Size] public static partial class Golden { public const int d = 32, t = 36, e = 64, n = 16, g = 1, hs = 4; }
}
