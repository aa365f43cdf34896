using Graph.Generator.Dims;

namespace Graph.Generator.Tests;

public sealed class DimTests
{
    [Theory]
    [InlineData("t-p", "t - p")]
    [InlineData("1 + n", "n + 1")]
    [InlineData("hs + 2*n*g + 2*e", "2*e + 2*g*n + hs")]
    [InlineData("(a + b)*(a - b)", "a*a - b*b")]
    [InlineData("a - a", "0")]
    [InlineData("2*d*t / (2*d)", "t")]
    [InlineData("(4*d + 2*d*t) / (2*d)", "t + 2")]
    [InlineData("d / h", "(d / h)")]
    [InlineData("-a + b", "b - a")]
    public void Prints_canonically(string text, string expected)
    {
        if (text[0] == '-')
        {
            // A leading sign is not in the language: a dim is never negative as a whole.
            Assert.False(DimParser.Parse(text, out _, out var column));
            Assert.Equal(1, column);
            return;
        }

        Assert.Equal(expected, Dim(text).ToString());
    }

    [Theory]
    [InlineData("2*", 3)]
    [InlineData("a b", 3)]
    [InlineData("a+)", 3)]
    [InlineData("(a", 3)]
    [InlineData("a $", 3)]
    [InlineData("", 1)]
    public void Names_the_column_that_does_not_fit(string text, int expected)
    {
        Assert.False(DimParser.Parse(text, out _, out var column));
        Assert.Equal(expected, column);
    }

    [Fact]
    public void Shapes_split_at_spaces_that_are_not_inside_a_dim()
    {
        Assert.True(DimParser.ParseShape("b t-p 2*e + hs", out var dims, out _));
        Assert.Equal(["b", "t - p", "2*e + hs"], dims.Select(d => d.ToString()));
        Assert.False(DimParser.ParseShape("b t 2*", out _, out var column));
        Assert.Equal(7, column);
        Assert.False(DimParser.ParseShape("", out _, out _));
    }

    [Fact]
    public void Equal_polynomials_are_equal()
    {
        Assert.Equal(Dim("(a+b)*c"), Dim("c*b + c*a"));
        Assert.Equal(Dim("(a+b)*c").GetHashCode(), Dim("c*b + c*a").GetHashCode());
        Assert.NotEqual(Dim("a*b"), Dim("a+b"));
        Assert.Equal(Dim("d/h"), Dim("d/h"));
    }

    [Fact]
    public void Quotients_that_are_not_exact_for_all_sizes_are_checked_per_size()
    {
        var quotient = Dim("d/h");
        Assert.Equal(64, quotient.Evaluate(Sizes(("d", 512), ("h", 8)), out _));
        Assert.Null(quotient.Evaluate(Sizes(("d", 512), ("h", 7)), out var unbound));
        Assert.Null(unbound);
        Assert.Null(quotient.Evaluate(Sizes(("d", 512)), out unbound));
        Assert.Equal("h", unbound);
        Assert.Equal(Dim("t"), quotient.Substitute(new Dictionary<string, DimExpr> { ["d"] = Dim("h*t") }));
    }

    [Fact]
    public void Ceilings_round_up()
    {
        var blocks = DimExpr.Ceiling(Dim("t"), Dim("48"));
        Assert.Equal("ceil(t / 48)", blocks.ToString());
        Assert.Equal(2, blocks.Evaluate(Sizes(("t", 96)), out _));
        Assert.Equal(3, blocks.Evaluate(Sizes(("t", 97)), out _));
        Assert.Equal(Dim("3"), DimExpr.Ceiling(Dim("97"), Dim("48")));
    }

    [Theory]
    [InlineData("2*d*t - p", "2L * T.d * T.t - T.p", "2 * T.d * T.t - T.p")]
    [InlineData("d*t", "1L * T.d * T.t", "T.d * T.t")]
    [InlineData("d", "T.d", "T.d")]
    [InlineData("7", "7L", "7")]
    [InlineData("d/h", "((T.d) / (T.h))", "((T.d) / (T.h))")]
    public void Writes_CSharp_that_cannot_overflow_where_it_is_long(string text, string wide, string narrow)
    {
        Assert.Equal(wide, Dim(text).ToCSharp(name => "T." + name));
        Assert.Equal(narrow, Dim(text).ToCSharp(name => "T." + name, wide: false));
    }

    [Theory]
    [InlineData("b t 3*c", "b t 3*d", "c", "d")]
    [InlineData("b t 2*c + 1", "b t 2*d*h + 1", "c", "d*h")]
    [InlineData("* n", "b t d", "n", "d")]
    [InlineData("* n", "b", "n", "b")]
    public void Matching_solves_for_the_one_unknown(string rule, string actual, string name, string expected)
    {
        var bindings = new Dictionary<string, DimExpr> { ["b"] = Dim("b"), ["t"] = Dim("t") };
        Assert.True(Match(rule, actual, bindings, out _));
        Assert.Equal(Dim(expected), bindings[name]);
    }

    [Theory]
    [InlineData("b t 3*c", "b t 2*d", "3*c")]
    [InlineData("b t c", "b t", "3 dims")]
    [InlineData("b c c", "b t d", "c")]
    [InlineData("b t c*e", "b t d", "c*e")]
    public void Matching_says_what_does_not_fit(string rule, string actual, string expected)
    {
        Assert.False(Match(rule, actual, [], out var error));
        Assert.Equal(expected, error);
    }

    private static DimExpr Dim(string text)
    {
        Assert.True(DimParser.Parse(text, out var parsed, out _), text);
        return parsed;
    }

    private static bool Match(string rule, string actual, Dictionary<string, DimExpr> bindings, out string error) =>
        DimMatcher.Match([.. DimParser.Split(rule).Select(d => d.Text)], [.. DimParser.Split(actual).Select(d => Dim(d.Text))], bindings, out error);

    private static Dictionary<string, long> Sizes(params (string Name, long Value)[] sizes) => sizes.ToDictionary(s => s.Name, s => s.Value);
}
