namespace Graph.Models.Puzzles;

/// <summary>What scoring has to know of a task: its test pairs.</summary>
/// <param name="Name">The original task's name, as it begins every identifier of its augmented forms.</param>
/// <param name="Inputs">Test inputs, at least one, in the order of the data.</param>
/// <param name="Outputs">One for each input; none where the answers are not known: such a task can be submitted, but not scored.</param>
public sealed record ArcTestTask(string Name, IReadOnlyList<ArcGrid> Inputs, IReadOnlyList<ArcGrid> Outputs);
