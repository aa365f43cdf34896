namespace Graph.Generator.TensorCores;

/// <summary>
/// One <c>[TensorCoreAttention]</c>. Its tiles have the same shape: a line is a query, a key, a value or a gradient of an output. A group
/// owns some and meets blocks of the others.
/// </summary>
/// <param name="Namespace">Of the class; empty for the global one.</param>
/// <param name="Declaration">The class's header.</param>
/// <param name="Class">Its name.</param>
/// <param name="Kernel">Name of the emitted method.</param>
/// <param name="Width">Of a head.</param>
/// <param name="Part">Forward, QueryGradient or KeyGradient.</param>
internal sealed record AttentionSpec(string Namespace, string Declaration, string Class, string Kernel, int Width, string Part)
{
    /// <summary>Lines that a group owns, and of a block that it meets.</summary>
    public const int Side = 64;

    /// <summary>Four warps of 16 lines.</summary>
    public const int Threads = 128;

    /// <summary>A float for each line of a block.</summary>
    public const int VectorBytes = Side * sizeof(float);

    public string Hint => $"{Class}.{Kernel}.g.cs";

    public bool IsForward => Part is "Forward";

    public bool OwnsKeys => Part is "KeyGradient";

    /// <summary>Depths of 16 in a head's width.</summary>
    public int Steps => Width / 16;

    /// <summary>Sums of a lane in 16 lines of outputs.</summary>
    public int Outputs => Width / 8 * 4;

    /// <summary>Products of a block.</summary>
    public int Products => Part switch { "Forward" => 2, "QueryGradient" => 3, _ => 4 };

    /// <summary>Left factors of scores; in the backward, then of products of values. They become fragments before anything needs their place, the second stage.</summary>
    public OperandTile[] Own => Part switch
    {
        "Forward" => [Tile("query", 0)],
        "QueryGradient" => [Tile("query", 0), Tile("gradient", 1)],
        _ => [Tile("key", 0), Tile("value", 1)],
    };

    /// <summary>Their right factors, and lines that outputs are summed from: a stage is a block of them.</summary>
    public OperandTile[] Met => Part switch
    {
        "KeyGradient" => [Tile("query", 0), Tile("gradient", 1)],
        _ => [Tile("key", 0), Tile("value", 1)],
    };

    /// <summary>Bytes of a stage before the vectors of the queries that keys meet.</summary>
    public int Vectors => Met.Sum(tile => tile.Bytes);

    public int StageBytes => Vectors + (OwnsKeys ? 2 * VectorBytes : 0);

    /// <summary>Two stages: one block is multiplied, the next one under way.</summary>
    public int SharedBytes => 2 * StageBytes;

    /// <summary>Why no kernel can be emitted; null if one can.</summary>
    public string? Problem => Width is 32 or 64 ? null : "headWidth must be 32 or 64";

    private OperandTile Tile(string name, int index) => new(name, IsDeep: false, "Bfloat16", Width, Side, index * Side * Width * 2, Threads);
}
