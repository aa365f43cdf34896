using Graph.Operators;

namespace Graph.Models;

/// <summary>
/// HRM (arXiv 2506.21734; trm.md 1.6, 2.3): a slow state and a fast one, each with its own network; gradient flows through the last call of
/// each and no further; a continue head learns the value of going on.
/// </summary>
[Model]
[Loop("H", count: "H"), Loop("L", count: "L", inside: "H", gradient: "1")]
public sealed partial class Hrm
{
    [Input("b t-p", integer: true)] public Node tokens;
    [Input("b t-p", integer: true)] public Node labels;
    [Input("b q", gradient: true)] public Node puzzle;
    [Input("b")] public Node continueTarget;
    [Embed(t: "t", c: "d", v: "v", p: "p", from: nameof(tokens), with: nameof(puzzle), name: "inner.embed_tokens")] public Node x;
    [State("b t d", init: "inner.H_init")] public Node zH;
    [State("b t d", init: "inner.L_init")] public Node zL;
    [Add(nameof(x), from: nameof(zH)), In("H/L")] public Node inject;
    [Call<HrmLevel>(nameof(inject), from: nameof(zL), name: "inner.L_level"), In("H/L"), Updates(nameof(zL))] public Node stepL;
    [Call<HrmLevel>(nameof(zL), from: nameof(zH), name: "inner.H_level"), In("H"), Updates(nameof(zH))] public Node stepH;
    [Rows(first: "p", n: "t-p", from: nameof(zH))] public Node grid;
    [Linear(outputs: "v", name: "inner.lm_head"), Output] public Node logits;
    [Rows(first: "0", n: "1", from: nameof(zH))] public Node slot;
    [ZeroLinear(outputs: "2", name: "inner.q_head")] public Node q;
    [HaltBias(name: "inner.q_head"), Output] public Node halt;
    [StablemaxCrossEntropy(with: nameof(labels), from: nameof(logits)), Loss] public Node loss;
    [BinaryCrossEntropy(column: 0, with: nameof(loss) + ".exact", from: nameof(halt)), Loss(0.5)] public Node haltLoss;
    [BinaryCrossEntropy(column: 1, with: nameof(continueTarget), from: nameof(halt)), Loss(0.5)] public Node continueLoss;

    /// <summary>ARC-AGI: 30x30 grids, 10 colours.</summary>
    [Size] public static partial class Arc { public const int d = 512, f = 1536, t = 901, p = 1, q = 512, v = 12, H = 2, L = 2, h = 8; }

    /// <summary>Sudoku-Extreme.</summary>
    [Size] public static partial class Sudoku { public const int d = 512, f = 1536, t = 82, p = 1, q = 512, v = 11, H = 2, L = 2, h = 8; }

    /// <summary>Maze-Hard.</summary>
    [Size] public static partial class Maze { public const int d = 512, f = 1536, t = 901, p = 1, q = 512, v = 6, H = 2, L = 2, h = 8; }

    /// <summary>9x9 Sudoku on a laptop.</summary>
    [Size] public static partial class Grid9 { public const int d = 128, f = 384, t = 82, p = 1, q = 128, v = 11, H = 2, L = 2, h = 4; }

    /// <summary>6x6 Sudoku: minutes on two cores.</summary>
    [Size] public static partial class Grid6 { public const int d = 64, f = 192, t = 37, p = 1, q = 64, v = 8, H = 2, L = 2, h = 2; }

    /// <summary>4x4 Sudoku: seconds on two cores.</summary>
    [Size] public static partial class Grid4 { public const int d = 64, f = 192, t = 17, p = 1, q = 64, v = 6, H = 2, L = 2, h = 2; }

    /// <summary>ARC-AGI's grids in a width that two cores train.</summary>
    [Size] public static partial class ArcSmall { public const int d = 64, f = 192, t = 901, p = 1, q = 64, v = 12, H = 2, L = 2, h = 2; }

    /// <summary>30x30 mazes likewise.</summary>
    [Size] public static partial class MazeSmall { public const int d = 64, f = 192, t = 901, p = 1, q = 64, v = 6, H = 2, L = 2, h = 2; }
}
