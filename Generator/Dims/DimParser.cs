using System.Globalization;

namespace Graph.Generator.Dims;

/// <summary>Reads "2*e + 2*g*n" and shapes such as "b t-p d". A space next to an operator does not separate dims.</summary>
internal static class DimParser
{
    /// <param name="text">An expression of names, integers, + - * / and parentheses.</param>
    /// <param name="parsed">The result; zero on failure.</param>
    /// <param name="column">1-based column of the first character that does not fit.</param>
    public static bool Parse(string text, out DimExpr parsed, out int column)
    {
        var at = 0;
        parsed = DimExpr.Constant(0);
        if (Sum(text, ref at, out var sum))
        {
            Skip(text, ref at);
            if (at == text.Length)
            {
                parsed = sum;
                column = 0;
                return true;
            }
        }

        column = at + 1;
        return false;
    }

    public static bool ParseShape(string text, out IReadOnlyList<DimExpr> dims, out int column)
    {
        var list = new List<DimExpr>();
        dims = list;
        foreach (var (part, start) in Split(text))
        {
            if (!Parse(part, out var dim, out column))
            {
                column += start;
                return false;
            }

            list.Add(dim);
        }

        column = list.Count == 0 ? 1 : 0;
        return list.Count > 0;
    }

    /// <summary>The dims of a shape as text, with the position of each.</summary>
    public static IEnumerable<(string Text, int Start)> Split(string text)
    {
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && (text[i] != ' ' || Continues(text, i)))
            {
                continue;
            }

            if (text.Substring(start, i - start).Trim() is { Length: > 0 } part)
            {
                yield return (part, start);
            }

            start = i + 1;
        }
    }

    private static bool Continues(string text, int space)
    {
        var before = text.Substring(0, space).TrimEnd();
        var after = text.Substring(space).TrimStart();
        // A lone * is a wildcard dim, not a product.
        return (before.Length > 0 && "+-/(".Contains(before[before.Length - 1]))
            || (after.Length > 0 && "+-/)".Contains(after[0]))
            || (before.Length > 1 && before[before.Length - 1] == '*' && before[before.Length - 2] != ' ')
            || (after.Length > 1 && after[0] == '*' && after[1] != ' ');
    }

    private static void Skip(string text, ref int at)
    {
        while (at < text.Length && text[at] == ' ')
        {
            at++;
        }
    }

    private static bool Sum(string text, ref int at, out DimExpr result)
    {
        if (!Product(text, ref at, out result))
        {
            return false;
        }

        for (Skip(text, ref at); at < text.Length && (text[at] is '+' or '-'); Skip(text, ref at))
        {
            var minus = text[at++] == '-';
            if (!Product(text, ref at, out var next))
            {
                return false;
            }

            result = minus ? result - next : result + next;
            if (at >= text.Length)
            {
                break;
            }
        }

        return true;
    }

    private static bool Product(string text, ref int at, out DimExpr result)
    {
        if (!Factor(text, ref at, out result))
        {
            return false;
        }

        for (Skip(text, ref at); at < text.Length && (text[at] is '*' or '/'); Skip(text, ref at))
        {
            var divide = text[at++] == '/';
            if (!Factor(text, ref at, out var next))
            {
                return false;
            }

            result = divide ? result / next : result * next;
            if (at >= text.Length)
            {
                break;
            }
        }

        return true;
    }

    private static bool Factor(string text, ref int at, out DimExpr result)
    {
        result = DimExpr.Constant(0);
        Skip(text, ref at);
        if (at >= text.Length)
        {
            return false;
        }

        if (text[at] == '(')
        {
            at++;
            if (!Sum(text, ref at, out result))
            {
                return false;
            }

            Skip(text, ref at);
            if (at >= text.Length || text[at] != ')')
            {
                return false;
            }

            at++;
            return true;
        }

        var start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_'))
        {
            at++;
        }

        var word = text.Substring(start, at - start);
        if (word.Length == 0)
        {
            return false;
        }

        if (char.IsDigit(word[0]))
        {
            if (!long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                at = start;
                return false;
            }

            result = DimExpr.Constant(number);
            return true;
        }

        result = DimExpr.Name(word);
        return true;
    }
}
