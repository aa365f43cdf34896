namespace Graph.Generator.Ir;

/// <summary>Names of emitted types, made from the user's names.</summary>
internal static class Identifier
{
    /// <summary><c>y_mix.gate</c> -> <c>YMixGate</c>.</summary>
    public static string Pascal(string name) => string.Concat(name.Split('_', '.').Where(p => p.Length > 0).Select(p => char.ToUpperInvariant(p[0]) + p.Substring(1)));
}
