using Graph.Generator.Dims;

namespace Graph.Generator.Ir;

internal enum LaunchKind
{
    /// <summary>A region over blocks of rows.</summary>
    Rows,

    /// <summary>A region over whole samples: what reads all rows of a sample can join it.</summary>
    Samples,

    /// <summary>A region over (sample, block of columns): for work along the token axis.</summary>
    Columns,

    /// <summary>One launch of a tile operator with its own grid.</summary>
    Tile,

    /// <summary>Parameter gradients: matrix products and reductions of partial sums over all rows.</summary>
    Parameters,
}

/// <summary>Row instructions fused into one loop nest.</summary>
internal sealed class FusedKernel(IReadOnlyList<Instr> instrs)
{
    public IReadOnlyList<Instr> Instrs { get; } = instrs;

    public DimExpr Width => Shape.Width;

    public DimExpr Length => Shape.Length;

    /// <summary>The tensor whose rows the kernel walks.</summary>
    private Value Shape => Of(Instrs[0]);

    public static Value Of(Instr instr) => instr.Writes.First(w => w.Role != "s" && w.Role != "partial").Value;
}

/// <summary>One step of a launch: a fused kernel, or a single matrix product or tile kernel.</summary>
internal sealed record Step(FusedKernel? Kernel, Instr? Single)
{
    public IEnumerable<Instr> Instrs => Kernel is null ? [Single!] : Kernel.Instrs;
}

internal sealed class Launch(LaunchKind kind)
{
    public LaunchKind Kind { get; } = kind;

    /// <summary>Name of the emitted struct; given when all launches of the section are known.</summary>
    public string Name { get; set; } = "";

    /// <summary>An equal launch of an earlier phase that runs in its place, or null.</summary>
    public Launch? Shared { get; set; }

    public List<Step> Steps { get; } = [];

    /// <summary>Rows per sample of a row region.</summary>
    public DimExpr Length { get; set; } = DimExpr.Constant(1);

    /// <summary>Width of a column region.</summary>
    public DimExpr Width { get; set; } = DimExpr.Constant(1);

    /// <summary>Reads or writes a saved frame, so the call says which turn's.</summary>
    public bool UsesTurn { get; set; }

    /// <summary>Runs for a later phase with its own parameters too, so the call says how far they are from those that the launch names.</summary>
    public bool UsesWeights { get; set; }

    public IEnumerable<Instr> Instrs => Steps.SelectMany(s => s.Instrs);
}

/// <summary>The launches of one phase in one mode, with the place of every value.</summary>
internal sealed class Section(Phase phase, string mode, IReadOnlyList<Launch> launches)
{
    public Phase Phase { get; } = phase;

    /// <summary><c>Forward</c> or <c>Backward</c>.</summary>
    public string Mode { get; } = mode;

    public IReadOnlyList<Launch> Launches { get; } = launches;

    public Dictionary<Value, Storage> Storage { get; } = [];

    /// <summary>Of a forward section: the values that a turn with gradient keeps in its frame instead.</summary>
    public HashSet<Value> Saved { get; } = [];

    /// <summary>Pool slot of each pooled value.</summary>
    public Dictionary<Value, int> Pool { get; } = [];

    /// <summary>First and last launch that touches a pooled value.</summary>
    public Dictionary<Value, (int First, int Last)> Lifetimes { get; } = [];

    /// <summary>Where a value is; of a forward section, without gradient.</summary>
    public Storage StorageOf(Value value)
    {
        var root = value.Root;
        return root.IsPersistent ? Ir.Storage.Persistent : Storage[root];
    }

    /// <summary>In the scratch of the one region that uses it, unless a turn with gradient saves it.</summary>
    public bool IsLocal(Value value) => !value.Root.Integer && !value.Root.IsPersistent && StorageOf(value) == Ir.Storage.Local;

    /// <summary>Where a value is in a turn that carries gradient.</summary>
    public Storage StorageWithGradient(Value value) => Saved.Contains(value.Root) ? Ir.Storage.Saved : StorageOf(value);
}
