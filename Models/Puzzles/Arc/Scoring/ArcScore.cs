using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>The result of a vote over all test tasks. A test input that got no vote counts as wrong.</summary>
public sealed class ArcScore
{
    private static readonly int[] Attempts = [1, 2, 5, 10, 100, 1000];

    private ArcScore(ArcVotingMode mode, int checkpoints, IReadOnlyList<ArcInputScore> inputs)
    {
        Mode = mode;
        Checkpoints = checkpoints;
        Inputs = inputs;
        var tasks = inputs.GroupBy(input => input.Task, StringComparer.Ordinal).Select(task => task.ToArray()).ToArray();
        PassAtK = Array.ConvertAll(Attempts, k => Pass(k, tasks));
        Tasks = tasks.Length;
    }

    public ArcVotingMode Mode { get; }

    /// <summary>Checkpoints that voted.</summary>
    public int Checkpoints { get; }

    /// <summary>The mode in words, for whoever reads the numbers: <c>single checkpoint</c> or <c>ensemble of 3 checkpoints</c>.</summary>
    public string Label => Mode == ArcVotingMode.SingleCheckpoint ? "single checkpoint" : $"ensemble of {Checkpoints} checkpoints";

    public int Tasks { get; }

    /// <summary>For K = 1, 2, 5, 10, 100 and 1000.</summary>
    public IReadOnlyList<ArcPassAtK> PassAtK { get; }

    /// <summary>Every test input, in the order of the tasks.</summary>
    public IReadOnlyList<ArcInputScore> Inputs { get; }

    /// <summary>All predictions.</summary>
    public long Votes => Inputs.Sum(input => input.Votes);

    /// <summary>Test inputs without a prediction; more than none says that the evaluation was not complete.</summary>
    public int InputsWithoutVotes => Inputs.Count(input => input.Votes == 0);

    /// <summary>Mean number of distinct grids of a test input, over the inputs with votes; 0 without any.</summary>
    public double MeanCandidates => MeanOfVoted(input => input.Candidates);

    /// <summary>Mean entropy of a test input's votes in nats, over the inputs with votes; 0 without any.</summary>
    public double MeanEntropy => MeanOfVoted(input => input.Entropy);

    /// <summary>Scores the votes as they are.</summary>
    /// <exception cref="GraphException">The answers of a task are not known.</exception>
    public static ArcScore Of(ArcVoting voting)
    {
        ArgumentNullException.ThrowIfNull(voting);
        var inputs = new List<ArcInputScore>();
        foreach (var task in voting.Tasks)
        {
            if (task.Outputs.Count == 0)
            {
                throw new GraphException($"task '{task.Name}': outputs, expected the answers of all {task.Inputs.Count} test inputs, found none");
            }

            for (var i = 0; i < task.Inputs.Count; i++)
            {
                inputs.Add(Score(task, i, voting.Ballot(task, i)));
            }
        }

        return new ArcScore(voting.Mode, voting.Checkpoints, inputs);
    }

    private static ArcInputScore Score(ArcTestTask task, int input, ArcBallot ballot)
    {
        var ranked = ballot.Ranked();
        var rank = 0;
        while (rank < ranked.Count && ranked[rank].Grid != task.Outputs[input])
        {
            rank++;
        }

        var (place, votes) = rank == ranked.Count ? (0, 0) : (rank + 1, ranked[rank].Votes);
        return new ArcInputScore(task.Name, input, place, votes, ballot.Votes, ballot.Candidates, ballot.Entropy);
    }

    private static ArcPassAtK Pass(int k, ArcInputScore[][] tasks)
    {
        var (credit, solved, right, all) = (0.0, 0, 0, 0);
        foreach (var inputs in tasks)
        {
            var passed = inputs.Count(input => input.Rank > 0 && input.Rank <= k);
            credit += (double)passed / inputs.Length;
            solved += passed == inputs.Length ? 1 : 0;
            right += passed;
            all += inputs.Length;
        }

        return new ArcPassAtK(k, new Share(credit, tasks.Length), new Share(solved, tasks.Length), new Share(right, all));
    }

    private double MeanOfVoted(Func<ArcInputScore, double> number) =>
        Inputs.Where(input => input.Votes > 0).Select(number).DefaultIfEmpty(0).Average();
}
