namespace Graph.Models.Puzzles;

/// <summary>What scoring has to know of a task: its test pairs.</summary>
/// <param name="Name">The original task's name, as it begins every identifier of its augmented forms.</param>
/// <param name="Inputs">Test inputs, at least one, in the order of the data.</param>
/// <param name="Outputs">One for each input; none where the answers are not known: such a task can be submitted, but not scored.</param>
public sealed record ArcTestTask(string Name, IReadOnlyList<ArcGrid> Inputs, IReadOnlyList<ArcGrid> Outputs)
{
    /// <summary>The tests of a task.</summary>
    /// <param name="task">As read.</param>
    /// <param name="answersKnown">
    /// False: the task's outputs stand for answers that no file gave. Their value does not tell: a grid of one black cell is also the right answer of some tasks.
    /// </param>
    public static ArcTestTask Of(ArcTask task, bool answersKnown = true)
    {
        ArgumentNullException.ThrowIfNull(task);
        return new ArcTestTask(task.Name, [.. task.Test.Select(pair => pair.Input)], answersKnown ? [.. task.Test.Select(pair => pair.Output)] : []);
    }
}
