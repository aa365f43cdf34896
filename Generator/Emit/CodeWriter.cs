using System.Text;

namespace Graph.Generator.Emit;

/// <summary>Indented text with <c>\n</c> line ends; blocks are scopes, so braces cannot get lost.</summary>
internal sealed class CodeWriter
{
    private readonly StringBuilder text = new();
    private int depth;

    public CodeWriter Line(string line = "")
    {
        if (line.Length > 0)
        {
            text.Append(' ', depth * 4).Append(line);
        }

        text.Append('\n');
        return this;
    }

    public IDisposable Block(string header, string close = "}")
    {
        Line(header).Line("{");
        depth++;
        return new Scope(this, close);
    }

    /// <summary>Already indented text, one line at a time.</summary>
    public CodeWriter Lines(string lines)
    {
        foreach (var line in lines.TrimEnd('\n').Split('\n'))
        {
            Line(line);
        }

        return this;
    }

    public override string ToString() => text.ToString();

    private sealed class Scope(CodeWriter writer, string close) : IDisposable
    {
        public void Dispose()
        {
            writer.depth--;
            writer.Line(close);
        }
    }
}
