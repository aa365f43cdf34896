using Graph.Generator.Dims;

namespace Graph.Generator.Ir;

/// <summary>Where a value lives; decided by the passes for one phase and mode.</summary>
internal enum Storage
{
    /// <summary>In the activation arena for the whole step: inputs, states, results, their gradients.</summary>
    Persistent,

    /// <summary>In the phase's frame of saved values, one copy for each turn that carries gradient.</summary>
    Saved,

    /// <summary>In the arena's shared pool, from its first to its last launch.</summary>
    Pooled,

    /// <summary>In the worker's scratch, for the block of rows in flight: it never leaves the cache.</summary>
    Local,

    /// <summary>Only in a lane register of one fused kernel.</summary>
    Register,
}

/// <summary>A tensor of the graph. Views share the memory of <see cref="Base"/>.</summary>
internal sealed class Value(string name, IReadOnlyList<DimExpr> shape, bool integer = false)
{
    /// <summary>Path with underscores; unique in the model.</summary>
    public string Name { get; } = name;

    /// <summary>Dims, the batch first.</summary>
    public IReadOnlyList<DimExpr> Shape { get; } = shape;

    public bool Integer { get; } = integer;

    /// <summary>The last part of the path: what the user called it.</summary>
    public string ShortName { get; set; } = name;

    public Value? Base { get; private set; }

    /// <summary>First column of a view in its base.</summary>
    public DimExpr Column { get; private set; } = DimExpr.Constant(0);

    /// <summary>First row (axis before the last) of a view in its base.</summary>
    public DimExpr Row { get; private set; } = DimExpr.Constant(0);

    public bool IsPersistent { get; set; }

    /// <summary>Of a root: everything that touches it takes bfloat16, so that a device may store it so (<see cref="Passes.StoreBfloat16"/>).</summary>
    public bool IsRounded { get; set; }

    /// <summary>The state, input or outer value whose gradient buffer this is, or null.</summary>
    public bool IsState { get; set; }

    public Value Root => Base is null ? this : Base.Root;

    /// <summary>The last axis; 1 for one number per sample.</summary>
    public DimExpr Width => Shape.Count >= 2 ? Shape[Shape.Count - 1] : DimExpr.Constant(1);

    /// <summary>The axis before the last; 1 for vectors over the batch.</summary>
    public DimExpr Length => Shape.Count >= 3 ? Shape[Shape.Count - 2] : DimExpr.Constant(1);

    /// <summary>Floats between neighbouring rows.</summary>
    public DimExpr Stride => Base is null ? Width : Base.Stride;

    /// <summary>First element of the view, in floats from the start of the root.</summary>
    public DimExpr Offset => Base is null ? DimExpr.Constant(0) : Base.Offset + Column + (Row * Base.Stride);

    /// <summary>Floats between neighbouring samples of the root.</summary>
    public DimExpr SampleStride => Root.PerSample;

    /// <summary>Product of the dims after the batch.</summary>
    public DimExpr PerSample
    {
        get
        {
            var product = DimExpr.Constant(1);
            for (var i = 1; i < Shape.Count; i++)
            {
                product *= Shape[i];
            }

            return product;
        }
    }

    public static Value View(string name, Value source, IReadOnlyList<DimExpr> shape, DimExpr column, DimExpr row) =>
        new(name, shape) { Base = source, Column = column, Row = row };

    public override string ToString() => Name;
}

/// <summary>A trainable tensor.</summary>
internal sealed class ParameterValue(string name, IReadOnlyList<DimExpr> shape, string init, DimExpr fanIn)
{
    /// <summary>Reference name, e.g. <c>inner.lm_head.weight</c>.</summary>
    public string Name { get; } = name;

    public IReadOnlyList<DimExpr> Shape { get; } = shape;

    public string Init { get; } = init;

    public DimExpr FanIn { get; } = fanIn;

    /// <summary>The weight of a contraction along the feature axis: packed for the micro-kernels.</summary>
    public bool Packed { get; set; }

    public DimExpr Count => Shape.Aggregate(DimExpr.Constant(1), (a, b) => a * b);

    /// <summary>The name as an identifier.</summary>
    public string Identifier => Name.Replace('.', '_');
}
