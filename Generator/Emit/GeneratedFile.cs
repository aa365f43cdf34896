using Graph.Generator.Specs;
using Graph.Generator.Support;

namespace Graph.Generator.Emit;

/// <param name="Hint">Hint name, e.g. <c>TrmAttention.Plan.g.cs</c>.</param>
/// <param name="Text">C# text with <c>\n</c> line ends.</param>
internal sealed record GeneratedFile(string Hint, string Text)
{
    public int Lines => Text.Count(c => c == '\n');
}

/// <summary>What compiling a model gives: files and problems. With warnings and notes alone there are files.</summary>
internal sealed record CompiledModel(EquatableArray<GeneratedFile> Files, EquatableArray<Problem> Problems);
