namespace Graph.Operators;

/// <summary>Multi-head self-attention with projections and rotary positions: o(attention(rope(qkv(x)))) (trm.md 1.2).</summary>
[Block("b t d")]
public sealed partial class SelfAttentionBlock
{
    [Input] public Node x;
    [Linear(outputs: "3*width", name: "qkv_proj")] public Node qkv;
    [Rope(heads: "heads")] public Node rotated;
    [Attention(heads: "heads")] public Node mixed;
    [Linear(outputs: "width", name: "o_proj"), Output] public Node y;
}

/// <summary>The same without positions in the attention, for models that learn a position table.</summary>
[Block("b t d")]
public sealed partial class PlainSelfAttentionBlock
{
    [Input] public Node x;
    [Linear(outputs: "3*width", name: "qkv_proj")] public Node qkv;
    [Attention(heads: "heads")] public Node mixed;
    [Linear(outputs: "width", name: "o_proj"), Output] public Node y;
}

/// <summary>Places a <see cref="SelfAttentionBlock"/>.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class SelfAttentionAttribute(string heads, string? from = null, string? name = null) : CompositeAttribute<SelfAttentionBlock>
{
    public string Heads => heads;

    public string? From => from;

    public string? Name => name;
}

/// <summary>Places a <see cref="PlainSelfAttentionBlock"/>.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class PlainSelfAttentionAttribute(string heads, string? from = null, string? name = null) : CompositeAttribute<PlainSelfAttentionBlock>
{
    public string Heads => heads;

    public string? From => from;

    public string? Name => name;
}
