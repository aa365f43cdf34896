using System.Globalization;

namespace Graph.Generator.Dims;

/// <summary>
/// A dim: a polynomial over names with integer coefficients, in canonical order, so that equal dims compare equal. Quotients and
/// ceilings that do not simplify are opaque atoms; sizes check that they divide (GRAPH043).
/// </summary>
internal sealed class DimExpr : IEquatable<DimExpr>
{
    // A term is its sorted factors joined by '*' (empty: the constant) and a coefficient that is never zero.
    private readonly SortedDictionary<string, long> terms;
    private readonly Dictionary<string, DimAtom> atoms;

    private DimExpr(SortedDictionary<string, long> terms, Dictionary<string, DimAtom> atoms)
    {
        this.terms = terms;
        this.atoms = atoms;
    }

    public bool IsConstant => terms.Count == 0 || (terms.Count == 1 && terms.ContainsKey(""));

    public long ConstantValue => terms.TryGetValue("", out var value) ? value : 0;

    /// <summary>Every name, those inside quotients included.</summary>
    public IEnumerable<string> Names => terms.Keys.SelectMany(Factors).SelectMany(f => atoms.TryGetValue(f, out var atom) ? atom.Top.Names.Concat(atom.Bottom.Names) : [f]).Distinct();

    public static DimExpr Constant(long value)
    {
        var terms = NewTerms();
        if (value != 0)
        {
            terms[""] = value;
        }

        return new DimExpr(terms, []);
    }

    public static DimExpr Name(string name)
    {
        var terms = NewTerms();
        terms[name] = 1;
        return new DimExpr(terms, []);
    }

    /// <summary>top / bottom rounded up.</summary>
    public static DimExpr Ceiling(DimExpr top, DimExpr bottom) =>
        top.IsConstant && bottom.IsConstant
            ? Constant((top.ConstantValue + bottom.ConstantValue - 1) / bottom.ConstantValue)
            : Atom(new DimAtom(top, bottom, true));

    public static DimExpr operator +(DimExpr a, DimExpr b) => Combine(a, b, 1);

    public static DimExpr operator -(DimExpr a, DimExpr b) => Combine(a, b, -1);

    public static DimExpr operator *(DimExpr a, DimExpr b)
    {
        var product = NewTerms();
        foreach (var x in a.terms)
        {
            foreach (var y in b.terms)
            {
                Add(product, string.Join("*", Factors(x.Key).Concat(Factors(y.Key)).OrderBy(f => f, StringComparer.Ordinal)), x.Value * y.Value);
            }
        }

        return new DimExpr(product, Merge(a, b));
    }

    /// <summary>The quotient; an opaque atom where it is not exact for all sizes.</summary>
    public static DimExpr operator /(DimExpr a, DimExpr b) => a.TryDivide(b, out var quotient) ? quotient : Atom(new DimAtom(a, b, false));

    /// <summary>Exact division by a constant or a single product.</summary>
    public bool TryDivide(DimExpr by, out DimExpr quotient)
    {
        quotient = Constant(0);
        if (by.terms.Count != 1)
        {
            return false;
        }

        var divisor = by.terms.First();
        var result = NewTerms();
        foreach (var term in terms)
        {
            var factors = Factors(term.Key).ToList();
            if (term.Value % divisor.Value != 0 || !Factors(divisor.Key).All(factors.Remove))
            {
                return false;
            }

            result[string.Join("*", factors)] = term.Value / divisor.Value;
        }

        quotient = new DimExpr(result, Merge(this, by));
        return true;
    }

    public DimExpr Substitute(IReadOnlyDictionary<string, DimExpr> bindings)
    {
        var sum = Constant(0);
        foreach (var term in terms)
        {
            var product = Constant(term.Value);
            foreach (var factor in Factors(term.Key))
            {
                product *= atoms.TryGetValue(factor, out var atom) ? atom.Substitute(bindings)
                    : bindings.TryGetValue(factor, out var bound) ? bound
                    : Name(factor);
            }

            sum += product;
        }

        return sum;
    }

    /// <summary>The value, or null when a name is unbound (<paramref name="unbound"/>) or a quotient is not exact (null).</summary>
    public long? Evaluate(IReadOnlyDictionary<string, long> bindings, out string? unbound)
    {
        unbound = null;
        var sum = 0L;
        foreach (var term in terms)
        {
            var product = term.Value;
            foreach (var factor in Factors(term.Key))
            {
                long? value = atoms.TryGetValue(factor, out var atom) ? atom.Evaluate(bindings, out unbound)
                    : bindings.TryGetValue(factor, out var bound) ? bound
                    : null;
                if (value is null)
                {
                    unbound ??= atoms.ContainsKey(factor) ? null : factor;
                    return null;
                }

                product *= value.Value;
            }

            sum += product;
        }

        return sum;
    }

    /// <summary>The factor of <paramref name="name"/> where the expression is linear in it; null where it is not.</summary>
    public DimExpr? Coefficient(string name)
    {
        var coefficient = NewTerms();
        foreach (var term in terms)
        {
            var factors = Factors(term.Key).ToList();
            if (factors.Any(f => atoms.TryGetValue(f, out var atom) && atom.Mentions(name)))
            {
                return null;
            }

            if (factors.Remove(name))
            {
                if (factors.Contains(name))
                {
                    return null;
                }

                Add(coefficient, string.Join("*", factors), term.Value);
            }
        }

        return new DimExpr(coefficient, atoms);
    }

    /// <summary>A C# expression; names through <paramref name="name"/>, and of type long where <paramref name="wide"/>.</summary>
    public string ToCSharp(Func<string, string> name, bool wide = true)
    {
        var suffix = wide ? "L" : "";
        if (terms.Count == 0)
        {
            return "0" + suffix;
        }

        return Print(term =>
        {
            var factors = Factors(term.Key).Select(f => atoms.TryGetValue(f, out var atom) ? atom.ToCSharp(name, wide) : name(f)).ToList();
            var coefficient = Math.Abs(term.Value).ToString(CultureInfo.InvariantCulture) + suffix;
            return factors.Count == 0 ? coefficient
                : Math.Abs(term.Value) != 1 ? coefficient + " * " + string.Join(" * ", factors)
                : factors.Count == 1 || !wide ? string.Join(" * ", factors)
                : "1L * " + string.Join(" * ", factors);
        });
    }

    public override string ToString() => terms.Count == 0 ? "0" : Print(term =>
    {
        var factors = string.Join("*", Factors(term.Key));
        var size = Math.Abs(term.Value);
        return factors.Length == 0 ? size.ToString(CultureInfo.InvariantCulture) : size == 1 ? factors : size.ToString(CultureInfo.InvariantCulture) + "*" + factors;
    });

    public bool Equals(DimExpr? other) => other is not null && terms.Count == other.terms.Count
        && terms.All(t => other.terms.TryGetValue(t.Key, out var value) && value == t.Value);

    public override bool Equals(object? obj) => Equals(obj as DimExpr);

    public override int GetHashCode()
    {
        var hash = 17;
        foreach (var term in terms)
        {
            hash = unchecked((hash * 31) + (StringComparer.Ordinal.GetHashCode(term.Key) * 7) + term.Value.GetHashCode());
        }

        return hash;
    }

    private static DimExpr Atom(DimAtom atom)
    {
        var terms = NewTerms();
        terms[atom.Key] = 1;
        return new DimExpr(terms, new Dictionary<string, DimAtom> { [atom.Key] = atom });
    }

    private static SortedDictionary<string, long> NewTerms() => new(StringComparer.Ordinal);

    private static string[] Factors(string key) => key.Length == 0 ? [] : key.Split('*');

    private static void Add(SortedDictionary<string, long> terms, string key, long value)
    {
        terms.TryGetValue(key, out var old);
        if (old + value == 0)
        {
            terms.Remove(key);
        }
        else
        {
            terms[key] = old + value;
        }
    }

    private static DimExpr Combine(DimExpr a, DimExpr b, long sign)
    {
        var sum = new SortedDictionary<string, long>(a.terms, StringComparer.Ordinal);
        foreach (var term in b.terms)
        {
            Add(sum, term.Key, sign * term.Value);
        }

        return new DimExpr(sum, Merge(a, b));
    }

    private static Dictionary<string, DimAtom> Merge(DimExpr a, DimExpr b)
    {
        if (a.atoms.Count + b.atoms.Count == 0)
        {
            return [];
        }

        var merged = new Dictionary<string, DimAtom>(a.atoms);
        foreach (var atom in b.atoms)
        {
            merged[atom.Key] = atom.Value;
        }

        return merged;
    }

    /// <summary>Positive terms first, constants last: "2*e + hs - 1".</summary>
    private string Print(Func<KeyValuePair<string, long>, string> term)
    {
        var ordered = terms.OrderBy(t => t.Value < 0).ThenBy(t => t.Key.Length == 0).ThenBy(t => t.Key, StringComparer.Ordinal);
        var text = "";
        foreach (var t in ordered)
        {
            text += (text.Length == 0 ? t.Value < 0 ? "-" : "" : t.Value < 0 ? " - " : " + ") + term(t);
        }

        return text;
    }
}
