namespace Graph.Generator.Dims;

/// <summary>Binds the names of an operator's rule to actual dims: "b t 3*c" against "b t 3*d" gives c = d.</summary>
internal static class DimMatcher
{
    /// <param name="rule">Dim texts; a leading <c>*</c> absorbs any leading dims.</param>
    /// <param name="actual">The operand's shape.</param>
    /// <param name="bindings">Names known so far; new ones are added.</param>
    /// <param name="error">What does not fit.</param>
    public static bool Match(IReadOnlyList<string> rule, IReadOnlyList<DimExpr> actual, Dictionary<string, DimExpr> bindings, out string error)
    {
        error = "";
        var wild = rule.Count > 0 && rule[0] == "*";
        var named = rule.Skip(wild ? 1 : 0).ToList();
        if (wild ? actual.Count < named.Count : actual.Count != named.Count)
        {
            error = $"{named.Count} dims";
            return false;
        }

        for (var i = 0; i < named.Count; i++)
        {
            var dim = actual[actual.Count - named.Count + i];
            if (!DimParser.Parse(named[i], out var parsed, out _) || !Bind(parsed.Substitute(bindings), parsed, dim, bindings))
            {
                error = named[i];
                return false;
            }
        }

        return true;
    }

    private static bool Bind(DimExpr known, DimExpr rule, DimExpr actual, Dictionary<string, DimExpr> bindings)
    {
        var unbound = rule.Names.Where(n => !bindings.ContainsKey(n)).ToList();
        if (unbound.Count == 0)
        {
            return known.Equals(actual);
        }

        if (unbound.Count > 1)
        {
            return false;
        }

        // A bound dim may use the same name as the rule's unbound one (c of the rule, c of the model): solve on the rule's own name.
        var marked = rule.Substitute(bindings.Concat([new KeyValuePair<string, DimExpr>(unbound[0], DimExpr.Name("?"))]).ToDictionary(p => p.Key, p => p.Value));
        if (marked.Coefficient("?") is not { } coefficient)
        {
            return false;
        }

        var rest = marked - (coefficient * DimExpr.Name("?"));
        if (!(actual - rest).TryDivide(coefficient, out var solved))
        {
            return false;
        }

        bindings[unbound[0]] = solved;
        return true;
    }
}
