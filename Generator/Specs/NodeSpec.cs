using Graph.Generator.Support;

namespace Graph.Generator.Specs;

internal enum NodeKind
{
    Input,
    State,
    Operator,

    /// <summary><c>[Call&lt;TBlock&gt;]</c>.</summary>
    Call,

    /// <summary>An attribute derived from <c>CompositeAttribute&lt;TBlock&gt;</c>.</summary>
    Composite,
    Columns,
    Rows,
}

/// <summary>One field of a block or model with its node attribute.</summary>
/// <param name="Name">Field name.</param>
/// <param name="Kind">What the attribute is.</param>
/// <param name="Target">Key of the operator struct or block; empty for inputs, states and views.</param>
/// <param name="Arguments">All constructor arguments of the attribute by parameter name, defaults included; null ones left out.</param>
/// <param name="IsOutput">Carries <c>[Output]</c>.</param>
/// <param name="LossWeight">Weight of <c>[Loss]</c>, or null.</param>
/// <param name="Loop">Path of <c>[In]</c>, or empty.</param>
/// <param name="Updates">State of <c>[Updates]</c>, or empty.</param>
internal sealed record NodeSpec(
    string Name,
    NodeKind Kind,
    string Target,
    EquatableArray<Argument> Arguments,
    bool IsOutput,
    double? LossWeight,
    string Loop,
    string Updates)
{
    /// <summary>The text of argument <paramref name="name"/>, or null when not given.</summary>
    public string? Text(string name)
    {
        foreach (var argument in Arguments)
        {
            if (argument.Name == name)
            {
                return argument.Value;
            }
        }

        return null;
    }
}

/// <param name="Name">Constructor parameter.</param>
/// <param name="Value">Invariant text: strings as they are, numbers in <c>R</c> format, booleans as <c>true</c>/<c>false</c>.</param>
/// <param name="IsString">The parameter is a string.</param>
internal sealed record Argument(string Name, string Value, bool IsString);
