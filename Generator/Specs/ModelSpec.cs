using Graph.Generator.Support;

namespace Graph.Generator.Specs;

/// <summary>Everything the compiler knows of a model: strings and numbers only, no symbols (anchors 3.3).</summary>
/// <param name="Key">Namespace and name: prefix of the emitted files, and what finds the model's locations.</param>
/// <param name="Namespace">Namespace of the class; empty for the global one.</param>
/// <param name="Name">Class name.</param>
/// <param name="Declaration">Modifiers to repeat on the partial declaration, e.g. <c>public sealed</c>.</param>
/// <param name="Nodes">Fields in declaration order.</param>
/// <param name="Sizes">Nested size classes in declaration order.</param>
/// <param name="Loops">Declared loops.</param>
/// <param name="Blocks">Every block reachable from the nodes, by key.</param>
/// <param name="Operators">Every operator struct reachable, by key.</param>
/// <param name="Problems">What the reader already found wrong; with any error here nothing is compiled.</param>
internal sealed record ModelSpec(
    string Key,
    string Namespace,
    string Name,
    string Declaration,
    EquatableArray<NodeSpec> Nodes,
    EquatableArray<SizeSpec> Sizes,
    EquatableArray<LoopSpec> Loops,
    EquatableArray<BlockSpec> Blocks,
    EquatableArray<OperatorSpec> Operators,
    EquatableArray<Problem> Problems);

/// <param name="Key">Full metadata name of the block class.</param>
/// <param name="Name">Simple name.</param>
/// <param name="Nodes">Fields in declaration order.</param>
internal sealed record BlockSpec(string Key, string Name, EquatableArray<NodeSpec> Nodes);

/// <param name="Name">Class name of the size.</param>
/// <param name="Declaration">Modifiers, e.g. <c>public static</c>.</param>
/// <param name="Dims">Its integer constants in declaration order.</param>
internal sealed record SizeSpec(string Name, string Declaration, EquatableArray<DimValue> Dims);

internal sealed record DimValue(string Name, long Value);

/// <param name="Name">Loop name.</param>
/// <param name="Count">Dim name or number.</param>
/// <param name="Inside">Name of the loop around it, or empty.</param>
/// <param name="Gradient">How many of its last turns carry gradient: dim name or number; empty: all of them, and of the outermost loop the last.</param>
internal sealed record LoopSpec(string Name, string Count, string Inside, string Gradient);
