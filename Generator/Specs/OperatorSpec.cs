using Graph.Generator.Support;

namespace Graph.Generator.Specs;

internal enum Archetype
{
    Pointwise1,
    Pointwise2,
    Row,
    Contraction,
    Tile,
}

/// <summary>An operator struct as its signature says it (anchors 3.4); its bodies are never read.</summary>
/// <param name="Key">Full metadata name; equal in every model that uses it.</param>
/// <param name="Type">C# type text for emitted code, fully qualified with <c>global::</c>.</param>
/// <param name="Name">Simple name.</param>
/// <param name="Archetype">From the interface that it implements.</param>
/// <param name="Inputs">Operands of the rule in order.</param>
/// <param name="Outputs">Results of the rule in order.</param>
/// <param name="Parameters">Trainable parameters.</param>
/// <param name="Saves">Forward by-products.</param>
/// <param name="Scratch">Backward scratch.</param>
/// <param name="BackwardReads">Names among <c>x a b y</c>; the default (every input) already filled in.</param>
/// <param name="Constructor">Parameters of the struct's primary constructor, in order.</param>
/// <param name="Launches">Tile kernels.</param>
/// <param name="Flops">Cost expression, or empty.</param>
internal sealed record OperatorSpec(
    string Key,
    string Type,
    string Name,
    Archetype Archetype,
    EquatableArray<OperandSpec> Inputs,
    EquatableArray<OperandSpec> Outputs,
    EquatableArray<ParameterSpec> Parameters,
    EquatableArray<OperandSpec> Saves,
    EquatableArray<OperandSpec> Scratch,
    EquatableArray<string> BackwardReads,
    EquatableArray<SignatureParameter> Constructor,
    EquatableArray<LaunchSpec> Launches,
    string Flops);

/// <param name="Name">Operand name in the rule.</param>
/// <param name="Dims">Dim texts; a leading <c>*</c> stands for any dims.</param>
internal sealed record OperandSpec(string Name, EquatableArray<string> Dims);

/// <param name="Name">Parameter name, the last part of its path.</param>
/// <param name="Dims">Dim texts.</param>
/// <param name="Init">Member name of <c>Graph.Init</c>.</param>
/// <param name="FanIn">Dim expression.</param>
internal sealed record ParameterSpec(string Name, EquatableArray<string> Dims, string Init, string FanIn);

/// <param name="Method">Name of the static method.</param>
/// <param name="Backward">Part of the backward pass.</param>
/// <param name="Units">Dim expression or <c>rows</c>.</param>
/// <param name="Order">Order within the pass.</param>
/// <param name="Barrier">See <c>LaunchAttribute</c>.</param>
/// <param name="Gpu">It queues device kernels where the worker has a queue.</param>
/// <param name="TakesProduct">See <c>LaunchAttribute</c>; empty if there is none.</param>
/// <param name="Bfloat16">Operands and results that a device may store as bfloat16.</param>
/// <param name="Parameters">The method's parameters in order.</param>
internal sealed record LaunchSpec(
    string Method,
    bool Backward,
    string Units,
    int Order,
    bool Barrier,
    bool Gpu,
    string TakesProduct,
    EquatableArray<string> Bfloat16,
    EquatableArray<SignatureParameter> Parameters);

/// <param name="Name">Parameter name.</param>
/// <param name="Type">Simple type name: <c>Worker</c>, <c>Ref</c>, <c>IntRef</c>, <c>int</c>, <c>long</c>, <c>float</c>, <c>double</c>.</param>
internal sealed record SignatureParameter(string Name, string Type);
