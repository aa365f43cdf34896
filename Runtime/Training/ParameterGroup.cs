using System.IO.Enumeration;

namespace Graph.Training;

/// <summary>Parameters, chosen by name, that the optimiser treats differently from the rest. The first group that matches wins.</summary>
/// <param name="Patterns">Whole names such as <c>inner.q_head.bias</c>; <c>*</c> stands for any text, <c>?</c> for one character.</param>
/// <param name="Decays">False: without weight decay.</param>
/// <param name="LearningRateFactor">Factor on the learning rate (and so on the decoupled decay); 0: the parameters stay as they are.</param>
public sealed record ParameterGroup(IReadOnlyList<string> Patterns, bool Decays = true, double LearningRateFactor = 1)
{
    /// <summary>What the reference implementation of Mamba-2 marks, and the biases and norm weights that most recipes spare (trm.md 1.8).</summary>
    public static ParameterGroup WithoutDecay { get; } = new(["*.A_log", "*.dt_bias", "*.D", "*norm.weight", "*.bias"], Decays: false);

    private static readonly ParameterGroup Rest = new(["*"]);

    /// <summary>The first group that the name matches; a group with all defaults where none does.</summary>
    internal static ParameterGroup Of(string name, IReadOnlyList<ParameterGroup> groups) => groups.FirstOrDefault(group => group.Matches(name)) ?? Rest;

    /// <exception cref="GraphException">A factor is out of range, or none of a group's patterns names a parameter.</exception>
    internal static void Check(IReadOnlyList<ParameterGroup> groups, IReadOnlyList<string> names)
    {
        foreach (ParameterGroup group in groups)
        {
            Require.Range("learning rate factor of a parameter group", group.LearningRateFactor, 0, 1e6);
            if (!names.Any(group.Matches))
            {
                throw new GraphException($"The parameter group '{string.Join("', '", group.Patterns)}' matches no parameter; expected patterns of names such as '{(names.Count > 0 ? names[0] : "a.weight")}'.");
            }
        }
    }

    private bool Matches(string name) => Patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
}
