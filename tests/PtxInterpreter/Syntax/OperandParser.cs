using System.Globalization;

namespace Graph.Ptx.Syntax;

/// <summary>Operands of one instruction.</summary>
internal static class OperandParser
{
    /// <summary>Cuts at commas outside of brackets.</summary>
    public static List<string> Split(string text)
    {
        var parts = new List<string>();
        var depth = 0;
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '{' or '[' => 1, '}' or ']' => -1, _ => 0 };
            if (text[i] == ',' && depth == 0)
            {
                parts.Add(text[start..i].Trim());
                start = i + 1;
            }
        }

        if (text[start..].Trim() is { Length: > 0 } last)
        {
            parts.Add(last);
        }

        return parts;
    }

    public static OperandSyntax Parse(string text, int line) => text switch
    {
        ['{', .., '}'] => new VectorSyntax(text, [.. Split(text[1..^1]).Select(item => Parse(item, line))]),
        ['[', .., ']'] => Address(text, line),
        [(>= '0' and <= '9') or '-', ..] => Number(text, line),
        [] => throw new PtxException(line, "an operand is empty"),
        _ when IsName(text) => new NameSyntax(text),
        _ => throw new PtxException(line, $"operand not understood: {text}"),
    };

    public static bool IsName(string text) =>
        text.Length > 0 && (char.IsLetter(text[0]) || text[0] is '%' or '_' or '$') && text.AsSpan(1).IndexOfAnyExcept(NameCharacters) < 0;

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.");

    private static AddressSyntax Address(string text, int line)
    {
        var inner = text[1..^1].Trim();
        var plus = inner.LastIndexOfAny(['+', '-']);
        var offset = 0L;
        if (plus > 0)
        {
            var number = inner[(plus + 1)..].Trim();
            offset = (long)Number(number, line).Value * (inner[plus] == '-' ? -1 : 1);

            // PTX writes a negative offset as "+-4".
            inner = inner[..plus].TrimEnd(' ', '\t', '+');
        }

        return new(text, Parse(inner, line), offset);
    }

    private static NumberSyntax Number(string text, int line)
    {
        if (text.StartsWith("0f", StringComparison.OrdinalIgnoreCase) || text.StartsWith("0d", StringComparison.OrdinalIgnoreCase))
        {
            var width = text[1] is 'f' or 'F' ? 32 : 64;
            return text.Length == 2 + (width / 4) && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits)
                ? new(text, bits, width)
                : throw new PtxException(line, $"real literal not understood: {text}");
        }

        var digits = text.AsSpan().TrimEnd('U').TrimStart('-');
        var hexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(hexadecimal ? digits[2..] : digits, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? new(text, text[0] == '-' ? 0 - value : value, 0)
            : throw new PtxException(line, $"integer literal not understood: {text}");
    }
}
