namespace Graph.Models.Puzzles;

/// <summary>
/// Collects predictions of augmented puzzles as votes for the answers of the original ones (trm.md 6.1): crop, undo the augmentation,
/// count equal grids. Predictions come one by one and are not kept; memory grows with the distinct grids only.
/// </summary>
public sealed class ArcVoting
{
    private readonly Dictionary<string, Dictionary<ArcGrid, ArcBallot>> ballots = new(StringComparer.Ordinal);

    /// <param name="tasks">The test tasks; a score is a mean over all of them.</param>
    /// <param name="mode">What a new checkpoint does to the votes of those before.</param>
    /// <exception cref="GraphException">Two tasks share a name, a task has no test input, or not one output for each.</exception>
    public ArcVoting(IReadOnlyList<ArcTestTask> tasks, ArcVotingMode mode)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        Tasks = tasks;
        Mode = mode;
        foreach (var task in tasks)
        {
            if (task.Inputs.Count == 0 || (task.Outputs.Count != 0 && task.Outputs.Count != task.Inputs.Count))
            {
                throw new GraphException($"task '{task.Name}': {task.Inputs.Count} test inputs and {task.Outputs.Count} outputs, expected at least one input and one output for each, or none");
            }

            // Equal inputs of a task share their votes, for nothing tells their predictions apart.
            if (!ballots.TryAdd(task.Name, task.Inputs.Distinct().ToDictionary(input => input, _ => new ArcBallot())))
            {
                throw new GraphException($"task '{task.Name}' is there twice, expected different names");
            }
        }
    }

    public IReadOnlyList<ArcTestTask> Tasks { get; }

    public ArcVotingMode Mode { get; }

    /// <summary>Checkpoints whose votes count.</summary>
    public int Checkpoints { get; private set; }

    /// <summary>Begins the predictions of one checkpoint; a single-checkpoint vote forgets the one before.</summary>
    public void BeginCheckpoint()
    {
        if (Mode == ArcVotingMode.CheckpointEnsemble)
        {
            Checkpoints++;
            return;
        }

        Checkpoints = 1;
        foreach (var ballot in ballots.Values.SelectMany(inputs => inputs.Values))
        {
            ballot.Clear();
        }
    }

    /// <summary>Adds the prediction of one example.</summary>
    /// <param name="identifier">Name of the augmented puzzle, <c>task|||t6|||0926183754</c>, or of the original one.</param>
    /// <param name="input">[900] the tokens the model was given, without translation.</param>
    /// <param name="predicted">[900] the tokens it predicted.</param>
    /// <param name="q">Halt probability, 0 to 1.</param>
    /// <exception cref="GraphException">The identifier names no test task, or the input is none of its test inputs.</exception>
    public void Add(string identifier, ReadOnlySpan<int> input, ReadOnlySpan<int> predicted, double q)
    {
        if (Checkpoints == 0)
        {
            throw new InvalidOperationException("BeginCheckpoint comes before the first prediction.");
        }

        var augmentation = ArcAugmentation.Parse(identifier);
        if (!ballots.TryGetValue(augmentation.Task, out var inputs))
        {
            throw new GraphException($"identifier '{identifier}': task '{augmentation.Task}', expected one of the {Tasks.Count} test tasks");
        }

        if (!inputs.TryGetValue(augmentation.Inverse(ArcEncoding.Crop(input)), out var ballot))
        {
            throw new GraphException($"identifier '{identifier}': input, expected an augmented test input of task '{augmentation.Task}'");
        }

        ballot.Add(augmentation.Inverse(ArcEncoding.Crop(predicted)), q);
    }

    /// <summary>The votes for a test input.</summary>
    /// <param name="task">One of <see cref="Tasks"/>.</param>
    /// <param name="input">Index of its test input.</param>
    public ArcBallot Ballot(ArcTestTask task, int input)
    {
        ArgumentNullException.ThrowIfNull(task);
        return ballots[task.Name][task.Inputs[input]];
    }
}
