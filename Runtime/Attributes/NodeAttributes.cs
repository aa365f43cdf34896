namespace Graph;

/// <summary>A node of a block or model: a public field that carries one operator attribute. Declaration order is execution order.</summary>
public readonly struct Node;

/// <summary>Base of every attribute that makes a field a node.</summary>
/// <remarks>
/// Reserved constructor parameters: <c>from</c> is the first input (default: the previous node), <c>with</c> the second,
/// <c>name</c> the part of the parameter path (default: the field's name; empty: nothing).
/// All others are arguments: of the operator struct's constructor, of its rule's dims, or of its launches.
/// </remarks>
[AttributeUsage(AttributeTargets.Field)]
public abstract class NodeAttribute : Attribute;

/// <summary>Places operator <typeparamref name="TOperator"/>.</summary>
public abstract class OperatorAttribute<TOperator> : NodeAttribute
    where TOperator : struct;

/// <summary>Places a block under its own attribute; the attribute's constructor parameters are dims and arguments of the block's nodes.</summary>
public abstract class CompositeAttribute<TBlock> : NodeAttribute
    where TBlock : class;

/// <summary>A class of nodes that other blocks and models call.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BlockAttribute(string shape) : Attribute
{
    public string Shape => shape;
}

/// <summary>A class of nodes that the generator compiles. It has at least one nested static class marked <see cref="SizeAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ModelAttribute : Attribute;

/// <summary>A nested static partial class of integer constants: one size of the model.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SizeAttribute : Attribute;

/// <summary>An input. In a model it has a shape and is filled by the host; in a block it takes the call's argument.</summary>
/// <param name="shape">Dims, e.g. <c>"b t-p"</c>; only in models.</param>
/// <param name="integer">True: int32 (tokens, labels).</param>
/// <param name="gradient">True: backward also computes the gradient of this input (puzzle vectors).</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class InputAttribute(string shape = "", bool integer = false, bool gradient = false) : NodeAttribute
{
    public string Shape => shape;

    public bool Integer => integer;

    public bool Gradient => gradient;
}

/// <summary>A carried state; <paramref name="init"/> names the buffer that a reset broadcasts over the rows (not trained).</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class StateAttribute(string shape, string init) : NodeAttribute
{
    public string Shape => shape;

    public string Init => init;
}

/// <summary>Calls a block. Calls with the same <paramref name="share"/> key use the same weights.</summary>
/// <param name="with">Second input.</param>
/// <param name="from">First input; default: the previous node.</param>
/// <param name="layers">Repeats the block with own weights each; parameter paths get <c>.0</c>, <c>.1</c>, ...</param>
/// <param name="share">Weight-tying key.</param>
/// <param name="name">Part of the parameter path.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class CallAttribute<TBlock>(string? with = null, string? from = null, int layers = 1, string? share = null, string? name = null) : NodeAttribute
    where TBlock : class
{
    public string? With => with;

    public string? From => from;

    public int Layers => layers;

    public string? Share => share;

    public string? Name => name;
}

/// <summary>
/// A view of part of a node: columns <paramref name="first"/> .. <paramref name="end"/> of the last axis, or rows of the token
/// axis with <c>axis: "t"</c>. No kernel, no copy; the views of a node must tile it where gradient flows.
/// </summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class ColumnsAttribute(string first, string end, string? from = null, string axis = "d") : NodeAttribute
{
    public string First => first;

    public string End => end;

    public string? From => from;

    public string Axis => axis;
}

/// <summary>The block's result, or a model's result that the host reads.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class OutputAttribute : Attribute;

/// <summary>A per-sample loss; the total is the weighted sum over samples.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class LossAttribute(double weight = 1) : Attribute
{
    public double Weight => weight;
}

/// <summary>A loop of the recursion: <paramref name="count"/> names a constant of the size.</summary>
/// <param name="name">Used in <see cref="InAttribute"/>.</param>
/// <param name="count">Dim name or number.</param>
/// <param name="inside">The loop around this one.</param>
/// <param name="gradient">
/// Truncated backpropagation of an inner loop: dim name or number of its last turns that carry gradient; what the turns before them reach is a
/// constant. Default: all. Of the outermost loop the last turn alone carries gradient.
/// </param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class LoopAttribute(string name, string count, string? inside = null, string? gradient = null) : Attribute
{
    public string Name => name;

    public string Count => count;

    public string? Inside => inside;

    public string? Gradient => gradient;
}

/// <summary>Puts the node into a loop: <c>"H"</c>, <c>"H/L"</c>. Which turns carry gradient: <see cref="LoopAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class InAttribute(string path) : Attribute
{
    public string Path => path;
}

/// <summary>The node's value becomes the new value of <paramref name="state"/>.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class UpdatesAttribute(string state) : Attribute
{
    public string State => state;
}
