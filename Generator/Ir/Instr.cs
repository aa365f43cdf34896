using Graph.Generator.Dims;
using Graph.Generator.Specs;

namespace Graph.Generator.Ir;

internal enum InstrKind
{
    /// <summary>An operator's forward, element by element.</summary>
    Pointwise,
    PointwiseBackward,

    /// <summary>An operator with one statistic per row (or column).</summary>
    Row,
    RowBackward,

    /// <summary>The second half of <see cref="Row"/> with the statistic already known: recomputation in backward.</summary>
    RowApply,

    /// <summary>y = a + b: gradients that meet.</summary>
    Sum,

    /// <summary>y = x, into a state or a saved frame.</summary>
    Copy,

    /// <summary>y += x, into a gradient that several turns contribute to.</summary>
    Accumulate,

    /// <summary>y = x Wᵀ along the feature axis, or y = W x along the token axis.</summary>
    MatMul,

    /// <summary>dx = dy W, or dx = Wᵀ dy.</summary>
    MatMulBackward,

    /// <summary>dW += dyᵀ x over all rows.</summary>
    WeightGradient,

    /// <summary>One launch of a tile operator.</summary>
    Tile,

    /// <summary>Gradient of a broadcast parameter: sum of the blocks' partial sums.</summary>
    ReducePartial,
}

/// <summary>What ties operands of a kernel to the names in its operator: <c>x</c>, <c>dy</c>, <c>weight</c>, ...</summary>
/// <param name="Role">Name in the operator.</param>
/// <param name="Value">The tensor.</param>
/// <param name="Label">What the declaring block calls it; kernels are named after this so that layers share their text.</param>
internal sealed record Operand(string Role, Value Value, string Label);

/// <summary>One step of a phase, forward or backward. Instructions of a phase run in order.</summary>
internal sealed class Instr(InstrKind kind, string path, string label, string block)
{
    public InstrKind Kind { get; } = kind;

    /// <summary>Path of the node, for comments.</summary>
    public string Path { get; } = path;

    /// <summary>The node's own name.</summary>
    public string Label { get; } = label;

    /// <summary>Simple name of the block that declares the node.</summary>
    public string Block { get; } = block;

    /// <summary>Where a problem of the node is reported: the path of a model's own node is its name.</summary>
    public string Place => Path == Label ? Label : Block + "." + Label;

    public OperatorSpec? Operator { get; set; }

    public NodeSpec? Node { get; set; }

    public LaunchSpec? Launch { get; set; }

    public List<Operand> Reads { get; } = [];

    public List<Operand> Writes { get; } = [];

    /// <summary>Parameters by their name in the operator.</summary>
    public Dictionary<string, ParameterValue> Parameters { get; } = [];

    /// <summary>Dims and integer arguments of the operator.</summary>
    public Dictionary<string, DimExpr> Bindings { get; set; } = [];

    /// <summary>Contraction or reduction along the token axis.</summary>
    public bool TokenAxis { get; set; }

    /// <summary>A forward instruction that backward runs again, because its value is not kept.</summary>
    public bool IsRecomputed { get; set; }

    public bool IsRowKernel => Kind is InstrKind.Pointwise or InstrKind.PointwiseBackward or InstrKind.Row or InstrKind.RowBackward
        or InstrKind.RowApply or InstrKind.Sum or InstrKind.Copy or InstrKind.Accumulate;

    public Value Read(string role) => Reads.First(o => o.Role == role).Value;

    public Value Write(string role) => Writes.First(o => o.Role == role).Value;

    public Instr Reading(string role, Value value, string? label = null)
    {
        Reads.Add(new Operand(role, value, label ?? value.ShortName));
        return this;
    }

    public Instr Writing(string role, Value value, string? label = null)
    {
        Writes.Add(new Operand(role, value, label ?? value.ShortName));
        return this;
    }
}
