using System.Text;

namespace Graph.Models.Puzzles;

/// <summary>Reads the few Python literals of a .npy header from left to right: strings, True and False, tuples of whole numbers.</summary>
internal ref struct PythonLiteral(string file, ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> text = text;
    private int at;

    public void Expect(byte symbol)
    {
        if (!TryTake(symbol))
        {
            throw Bad($"'{(char)symbol}'");
        }
    }

    public bool TryTake(byte symbol)
    {
        SkipSpace();
        if (at == text.Length || text[at] != symbol)
        {
            return false;
        }

        at++;
        return true;
    }

    public void ExpectEnd()
    {
        SkipSpace();
        if (at < text.Length)
        {
            throw Bad("nothing after '}'");
        }
    }

    /// <summary>A string in single or double quotes, printable ASCII without escapes, which is all that numpy writes for the types read here.</summary>
    public string String()
    {
        SkipSpace();
        var quote = at < text.Length ? text[at] : (byte)0;
        if (quote is not ((byte)'\'' or (byte)'"'))
        {
            throw Bad("a string");
        }

        var length = text[(at + 1)..].IndexOf(quote);
        if (length < 0 || text.Slice(at + 1, length).ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            throw Bad("a string of printable characters that ends");
        }

        var value = Encoding.ASCII.GetString(text.Slice(at + 1, length));
        at += length + 2;
        return value;
    }

    public bool Boolean()
    {
        SkipSpace();
        var rest = text[at..];
        var value = rest.StartsWith("True"u8);
        if (!value && !rest.StartsWith("False"u8))
        {
            throw Bad("True or False");
        }

        at += value ? 4 : 5;
        return value;
    }

    public long[] Tuple(int longest)
    {
        Expect((byte)'(');
        var items = new List<long>();
        while (!TryTake((byte)')'))
        {
            items.Add(Whole());
            if (items.Count > longest)
            {
                throw Bad($"at most {longest} dimensions");
            }

            // (3) is a number in Python; a tuple of one needs its comma.
            if (!TryTake((byte)','))
            {
                Expect((byte)')');
                return items.Count > 1 ? [.. items] : throw Bad("',' after a single dimension");
            }
        }

        return [.. items];
    }

    private long Whole()
    {
        SkipSpace();
        var start = at;
        long value = 0;
        for (; at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9'; at++)
        {
            if (value > (long.MaxValue - 9) / 10)
            {
                throw Bad("dimensions below 2^63");
            }

            value = value * 10 + text[at] - '0';
        }

        return at > start ? value : throw Bad("a dimension of 0 or more");
    }

    private void SkipSpace()
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r')
        {
            at++;
        }
    }

    private readonly GraphException Bad(string expected) => NpyHeader.Bad(file, $"header at byte {at}", expected);
}
