namespace Graph.Generator.TensorCores;

/// <summary>One <c>[TensorCoreAttention]</c>. Its three tiles have the same shape: a line is a query, a key or a value.</summary>
/// <param name="Namespace">Of the class; empty for the global one.</param>
/// <param name="Declaration">The class's header.</param>
/// <param name="Class">Its name.</param>
/// <param name="Kernel">Name of the emitted method.</param>
/// <param name="Width">Of a head.</param>
internal sealed record AttentionSpec(string Namespace, string Declaration, string Class, string Kernel, int Width)
{
    /// <summary>Queries of a group, and keys of a block.</summary>
    public const int Side = 64;

    /// <summary>Four warps of 16 queries.</summary>
    public const int Threads = 128;

    public string Hint => $"{Class}.{Kernel}.g.cs";

    public OperandTile Query => Tile("query", 0);

    public OperandTile Key => Tile("key", 1);

    public OperandTile Value => Tile("value", 2);

    public int SharedBytes => Query.Bytes * 3;

    /// <summary>Why no kernel can be emitted; null if one can.</summary>
    public string? Problem => Width is 32 or 64 ? null : "headWidth must be 32 or 64";

    private OperandTile Tile(string name, int index) => new(name, IsDeep: false, IsCopied: false, Width, Side, index * Side * Width * 2, Threads);
}
