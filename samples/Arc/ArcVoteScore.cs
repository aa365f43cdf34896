using Graph.Models.Puzzles;
using Graph.Samples.Commands;

namespace Graph.Samples.Arc;

/// <summary>Votes of the augmented forms, by the published rules, and <c>submission.json</c>.</summary>
/// <param name="testPuzzles">The data set's held-out tasks.</param>
/// <param name="checkpoints">Several: their votes count together.</param>
internal sealed class ArcVoteScore(string testPuzzles, int checkpoints) : PuzzleScore
{
    private readonly ArcVoting voting = new(
        [.. ArcTaskFile.Open(testPuzzles).Select(task => ArcTestTask.Of(task))],
        checkpoints == 1 ? ArcVotingMode.SingleCheckpoint : ArcVotingMode.CheckpointEnsemble);

    public override void BeginCheckpoint() => voting.BeginCheckpoint();

    public override void Add(int example, string identifier, ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, double q) =>
        voting.Add(identifier, tokens, predicted, q);

    public override void End(Report report)
    {
        var score = ArcScore.Of(voting);
        report.Add("voting", "voting", score.Label);
        report.Add("votes", "votes", score.Votes, "N0");
        report.Add("inputs_without_votes", $"of {score.Inputs.Count} test inputs, without a vote (wrong)", score.InputsWithoutVotes, "N0");
        foreach (var pass in score.PassAtK)
        {
            report.Add($"pass_at_{pass.K}_trm", $"pass@{pass.K}, {score.Label}: TRM, share of a task's tests", pass.PartialCredit);
            report.Add($"pass_at_{pass.K}_hrm", $"pass@{pass.K}, {score.Label}: HRM, all tests of a task", pass.AllPairs);
            report.Add($"pass_at_{pass.K}_kaggle", $"pass@{pass.K}, {score.Label}: Kaggle, all tests alike", pass.Inputs);
        }

        report.Add("mean_candidates", "distinct grids of a test input, mean", score.MeanCandidates, "0.00");
        report.Add("mean_entropy", "entropy of its votes in nats, mean", score.MeanEntropy, "0.000");
    }

    public override IEnumerable<string> Write(string folder)
    {
        ArcSubmission.Write(Path.Combine(folder, "submission.json"), voting);
        yield return "submission.json";
    }
}
