using Graph.Generator.Specs;
using Microsoft.CodeAnalysis;

namespace Graph.Generator.Diagnostics;

/// <summary>The table of everything the generator can report; README.md beside it explains each, and a test compares the two.</summary>
internal static class Descriptors
{
    private const string Help = "Generator/Diagnostics/README.md#";

    private static readonly Dictionary<string, DiagnosticDescriptor> Table = new[]
    {
        Error("GRAPH001", "Class must be partial", "{0} must be partial"),
        Error("GRAPH002", "Class shape", "{0} must not be generic, abstract, static, nested or a record"),
        Error("GRAPH003", "Two operators on one node", "{0} has two operator attributes"),
        Error("GRAPH004", "Node without operator", "{0} is a Node without an operator, [Input] or [State]"),
        Error("GRAPH005", "Block needs one output", "Block {0} must have exactly one [Output]"),
        Error("GRAPH006", "Nodes spread over files", "Nodes of {0} are spread over several files; their order would depend on file order"),
        Error("GRAPH007", "Node is not public", "Node {0} of {1} is not public and cannot be read from another assembly"),
        Error("GRAPH008", "Model without size", "Model {0} has no [Size]"),
        Warning("GRAPH009", "Unused node", "Node {0} is never read and is no output"),
        Error("GRAPH020", "Unknown node", "{0} refers to {1}, which is not a node of this block"),
        Error("GRAPH021", "Node declared later", "{0} refers to {1}, which is declared after it"),
        Error("GRAPH022", "Number of inputs", "{0} takes {1} inputs, {2} given"),
        Error("GRAPH023", "Block call cycle", "Block call cycle: {0}"),
        Error("GRAPH024", "Missing argument", "Argument {1} is missing or is not a value that the operator accepts: '{0}'"),
        Error("GRAPH025", "Shared weights of different blocks", "share: \"{0}\" joins calls of {1} and {2}; only calls of one block can share weights"),
        Error("GRAPH026", "Loop", "Loop {0} {1}"),
        Error("GRAPH027", "State update", "[Updates({0})] must be inside a loop and have the shape of a state"),
        Error("GRAPH028", "Views leave a gap", "The views {1} do not tile {0}, so its gradient is not complete; make them cover it once"),
        Error("GRAPH029", "Turns with gradient", "Loop {0}: gradient \"{1}\" {2}"),
        Error("GRAPH040", "Dim expression", "Cannot parse \"{0}\" at column {1}"),
        Error("GRAPH041", "Unbound dim", "Dim {0} is not bound by size {1}"),
        Error("GRAPH042", "Shape mismatch", "Shape mismatch at {0}: expected {1}, got {2}"),
        Error("GRAPH043", "Inexact division", "Size {0}: {1} is not a whole number (at {2})"),
        Error("GRAPH045", "Tensor size", "Size {0}: a dim of {1} is {2}, outside 0 .. 2147483647"),
        Error("GRAPH060", "Archetype", "{0} implements {1}; an operator implements exactly one"),
        Error("GRAPH061", "No backward", "{0} has no Backward launch, and {1} is on a path to a loss: its gradient would be lost"),
        Error("GRAPH062", "Kernel signature", "{0}.{1} has parameter {2}, which is no operand, dim or argument of the operator"),
        Error("GRAPH063", "Operand is a view", "{0}.{1} gets a view of columns as {2}; the kernel needs a parameter {2}Stride, or its input must not be a view"),
        Error("GRAPH064", "Operand as bfloat16", "{0}.{1} says that {2} may be bfloat16, which is none of its places"),
        Error("GRAPH066", "Operator struct", "{0} must be a readonly unmanaged struct"),
        Note("GRAPH081", "Not fused", "{0} was not fused with {1}: {2}"),
        Note("GRAPH082", "Recomputed", "{0} is recomputed in backward ({1} flops against {2} bytes saved, per sample and turn)"),
        Warning("GRAPH083", "Much emitted code", "Model {0} emits {1} lines, budget {2}"),
        Error("GRAPH085", "C# too old", "C# language version {0} is too old, needs {1}"),
        Error("GRAPH099", "Internal error", "Internal error in pass {0} of {1}: {2}. Please report it with the model's source"),
    }.ToDictionary(d => d.Id);

    public static IEnumerable<DiagnosticDescriptor> All => Table.Values;

    public static Diagnostic Diagnostic(Problem problem, Location location) =>
        Microsoft.CodeAnalysis.Diagnostic.Create(Table[problem.Id], location, [.. problem.Arguments]);

    /// <summary>Nothing is emitted for a model with an error; with warnings and notes alone it compiles.</summary>
    public static bool Stops(Problem problem) => Table[problem.Id].DefaultSeverity == DiagnosticSeverity.Error;

    private static DiagnosticDescriptor Error(string id, string title, string message) => Row(id, title, message, DiagnosticSeverity.Error, enabled: true);

    private static DiagnosticDescriptor Warning(string id, string title, string message) => Row(id, title, message, DiagnosticSeverity.Warning, enabled: true);

    /// <summary>What the compiler decided, for those who tune: off until <c>.editorconfig</c> gives it a severity.</summary>
    private static DiagnosticDescriptor Note(string id, string title, string message) => Row(id, title, message, DiagnosticSeverity.Info, enabled: false);

    private static DiagnosticDescriptor Row(string id, string title, string message, DiagnosticSeverity severity, bool enabled) =>
        new(id, title, message, "Graph", severity, enabled, helpLinkUri: Help + id.ToLowerInvariant());
}
