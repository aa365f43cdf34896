namespace Graph.Generator.Dims;

/// <summary>A quotient (or its ceiling) that does not simplify symbolically.</summary>
internal sealed class DimAtom(DimExpr top, DimExpr bottom, bool ceiling)
{
    public DimExpr Top => top;

    public DimExpr Bottom => bottom;

    /// <summary>The factor's text; it holds no '*', which separates factors.</summary>
    public string Key { get; } = (ceiling ? "ceil" : "") + $"({top} / {bottom})".Replace("*", "·");

    public bool Mentions(string name) => top.Names.Contains(name) || bottom.Names.Contains(name);

    public DimExpr Substitute(IReadOnlyDictionary<string, DimExpr> bindings)
    {
        var (a, b) = (top.Substitute(bindings), bottom.Substitute(bindings));
        return ceiling ? DimExpr.Ceiling(a, b) : a / b;
    }

    public long? Evaluate(IReadOnlyDictionary<string, long> bindings, out string? unbound)
    {
        if (top.Evaluate(bindings, out unbound) is not { } a || bottom.Evaluate(bindings, out unbound) is not { } b || b == 0)
        {
            return null;
        }

        return ceiling ? (a + b - 1) / b : a % b == 0 ? a / b : null;
    }

    public string ToCSharp(Func<string, string> name, bool wide) => ceiling
        ? $"(({top.ToCSharp(name, wide)} + {bottom.ToCSharp(name, wide)} - 1) / ({bottom.ToCSharp(name, wide)}))"
        : $"(({top.ToCSharp(name, wide)}) / ({bottom.ToCSharp(name, wide)}))";
}
