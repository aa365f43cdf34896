namespace Graph.Training;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its key in the header.</param>
/// <param name="Type">Element type as stored.</param>
/// <param name="Shape">Dims, outermost first; empty: a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past the last byte, counted likewise.</param>
public sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>Number of elements.</summary>
    public long Count => (End - Begin) / TensorTypes.Size(Type);

    internal string ShapeText => "[" + string.Join(", ", Shape) + "]";
}
