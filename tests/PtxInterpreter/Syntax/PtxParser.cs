using System.Globalization;
using System.Text;

namespace Graph.Ptx.Syntax;

/// <summary>Cuts a PTX text into kernels and statements; names and opcodes are looked at by the binder.</summary>
internal sealed class PtxParser
{
    private readonly string text;
    private readonly List<KernelSyntax> kernels = [];
    private int position;
    private int line = 1;
    private int counted;

    private PtxParser(string text) => this.text = text;

    private string Version { get; set; } = "";

    private string Target { get; set; } = "";

    public static (string Version, string Target, IReadOnlyList<KernelSyntax> Kernels) Parse(string text)
    {
        var parser = new PtxParser(WithoutComments(text));
        parser.Module();
        return (parser.Version, parser.Target, parser.kernels);
    }

    /// <summary>Comments become spaces, so that lines keep their numbers.</summary>
    private static string WithoutComments(string text)
    {
        var result = new StringBuilder(text);
        for (var i = 0; i + 1 < text.Length; i++)
        {
            if (text[i] != '/' || text[i + 1] is not ('/' or '*'))
            {
                continue;
            }

            var end = text[i + 1] == '/' ? text.IndexOf('\n', i) : text.IndexOf("*/", i + 2, StringComparison.Ordinal) + 2;
            for (end = end < i ? text.Length : end; i < end; i++)
            {
                result[i] = text[i] == '\n' ? '\n' : ' ';
            }

            i--;
        }

        return result.ToString();
    }

    private void Module()
    {
        while (Peek() is { } next)
        {
            switch (next == '.' ? Word() : "")
            {
                case ".version":
                    Version = RestOfLine();
                    break;
                case ".target":
                    Target = RestOfLine();
                    break;
                case ".address_size":
                    _ = RestOfLine();
                    break;
                case ".visible":
                    break;
                case ".entry":
                    kernels.Add(Kernel());
                    break;
                case ".extern":
                    throw new PtxException(Line(), $"unresolved external: .extern {OneLine(Until(';'))}");
                case var word:
                    throw new PtxException(Line(), $"module statement not understood: {word} {OneLine(RestOfLine())}");
            }
        }
    }

    private KernelSyntax Kernel()
    {
        var name = Until('(');
        var parameters = OperandParser.Split(Until(')')).Select(parameter => Memory(".param", parameter)).ToList();
        var maxThreads = 0;
        while (Peek() != '{')
        {
            var directive = Word();
            var values = RestOfLine();
            if (directive == ".maxntid")
            {
                maxThreads = values.Split(',').Aggregate(1, (product, part) => product * Integer(part.Trim()));
            }
            else if (directive != ".minnctapersm")
            {
                throw new PtxException(Line(), $"kernel directive not understood: {directive}");
            }
        }

        position++;
        return new(name, parameters, maxThreads, Body());
    }

    private List<Statement> Body()
    {
        var body = new List<Statement>();
        var depth = 1;
        while (Peek() is { } next)
        {
            var at = Line();
            switch (next)
            {
                case '{':
                    position++;
                    depth++;
                    body.Add(new ScopeStart(at));
                    break;
                case '}':
                    position++;
                    if (--depth == 0)
                    {
                        return body;
                    }

                    body.Add(new ScopeEnd(at));
                    break;
                case ';':
                    position++;
                    break;
                case '.':
                    body.AddRange(Declaration());
                    break;
                default:
                    body.Add((Statement?)Label() ?? Instruction());
                    break;
            }
        }

        throw new PtxException(Line(), "the kernel's body does not end");
    }

    private IEnumerable<Statement> Declaration()
    {
        var at = Line();
        var declaration = Until(';');
        var parts = declaration.Split((char[])[' ', '\t', '\n', '\r'], 3, StringSplitOptions.RemoveEmptyEntries);
        switch (parts[0])
        {
            case ".reg" when parts.Length == 3 && parts[1][0] == '.':
                var type = PtxType.Of(parts[1][1..]);
                return OperandParser.Split(parts[2]).Select(name => name.IndexOf('<', StringComparison.Ordinal) is > 0 and var open
                    ? new RegisterDeclaration(at, type, name[..open], Integer(name[(open + 1)..^1]))
                    : new RegisterDeclaration(at, type, name, -1));
            case ".shared" or ".local":
                return [Memory(parts[0], declaration)];
            case ".branchtargets":
                return [new BranchTargets(at, OperandParser.Split(declaration[parts[0].Length..]))];
            default:
                throw new PtxException(at, $"declaration not understood: {OneLine(declaration)}");
        }
    }

    /// <summary>A declaration of memory: <c>.align 8 .b8 name[16]</c> after the space, in any order of qualifiers.</summary>
    private MemoryDeclaration Memory(string space, string declaration)
    {
        PtxType? type = null;
        var align = 0;
        var words = declaration.Split((char[])[' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length - 1; i++)
        {
            if (words[i] == ".align")
            {
                align = Integer(words[++i]);
            }
            else if (words[i] != space)
            {
                type = PtxType.Of(words[i].TrimStart('.'));
            }
        }

        if (type is not { } element)
        {
            throw new PtxException(Line(), $"declaration without a type: {OneLine(declaration)}");
        }

        var name = words[^1];
        var count = 1;
        if (name.IndexOf('[', StringComparison.Ordinal) is > 0 and var open)
        {
            count = Integer(name[(open + 1)..^1]);
            name = name[..open];
        }

        return new(Line(), space, Math.Max(align, element.Bytes), element.Bytes * count, name);
    }

    private LabelStatement? Label()
    {
        var end = position;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '_' or '$' or '%'))
        {
            end++;
        }

        if (end == position || end >= text.Length || text[end] != ':')
        {
            return null;
        }

        var name = text[position..end];
        position = end + 1;
        return new(Line(), name);
    }

    private InstructionStatement Instruction()
    {
        var at = Line();
        var written = OneLine(Until(';'));
        var rest = written;
        string? guard = null;
        var negated = false;
        if (rest.StartsWith('@'))
        {
            var space = rest.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0)
            {
                throw new PtxException(at, $"a guard without an instruction: {written}");
            }

            negated = rest[1] == '!';
            guard = rest[(negated ? 2 : 1)..space];
            rest = rest[(space + 1)..];
        }

        var end = rest.IndexOf(' ', StringComparison.Ordinal);
        var opcode = end < 0 ? rest : rest[..end];
        var operands = end < 0 ? [] : OperandParser.Split(rest[end..]);
        return new(at, guard, negated, opcode, [.. operands.Select(operand => OperandParser.Parse(operand, at))], written);
    }

    private static string OneLine(string statement) => string.Join(' ', statement.Split((char[])[' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));

    private char? Peek()
    {
        while (position < text.Length && char.IsWhiteSpace(text[position]))
        {
            position++;
        }

        return position < text.Length ? text[position] : null;
    }

    private string Word()
    {
        var start = position;
        while (position < text.Length && !char.IsWhiteSpace(text[position]))
        {
            position++;
        }

        return text[start..position];
    }

    private string RestOfLine()
    {
        var end = text.IndexOf('\n', position);
        var rest = text[position..(end < 0 ? text.Length : end)];
        position = end < 0 ? text.Length : end;
        return rest.Trim();
    }

    private string Until(char mark)
    {
        var end = text.IndexOf(mark, position);
        if (end < 0)
        {
            throw new PtxException(Line(), $"'{mark}' is missing");
        }

        var part = text[position..end];
        position = end + 1;
        return part.Trim();
    }

    private int Integer(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw new PtxException(Line(), $"'{digits}' is no number");

    private int Line()
    {
        for (; counted < position; counted++)
        {
            line += text[counted] == '\n' ? 1 : 0;
        }

        return line;
    }
}
