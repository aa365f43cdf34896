using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class ArcScoreTests
{
    private const string A1 = "100/010/000";
    private const string A2 = "100/010/001";

    /// <summary>
    /// The worked example of the data's README: evaluation task 3b4c2228, two test inputs with 1001 votes each. On the first, A1 is
    /// second (its larger q does not help); on the second, A2 and V have 150 votes each and A2 the larger q, so it is third.
    /// </summary>
    [Fact]
    public void TheWorkedExampleHolds()
    {
        var voting = Begin(new ArcTestTask("3b4c2228", [ArcExamples.Grid("1"), ArcExamples.Grid("2")], [ArcExamples.Grid(A1), ArcExamples.Grid(A2)]));
        voting.Vote("3b4c2228", "1", "100/010/001", 430, 0.55);
        voting.Vote("3b4c2228", "1", A1, 380, 0.71);
        for (var i = 0; i < 191; i++)
        {
            voting.Vote("3b4c2228", "1", $"{i:D3}", 1, 0.9);
        }

        voting.Vote("3b4c2228", "2", "11", 400, 0.61);
        voting.Vote("3b4c2228", "2", "22", 300, 0.66);
        voting.Vote("3b4c2228", "2", "33", 150, 0.4);
        voting.Vote("3b4c2228", "2", A2, 150, 0.52);
        voting.Vote("3b4c2228", "2", "44", 1, 1);
        var score = ArcScore.Of(voting);
        Assert.Equal([1, 2, 5, 10, 100, 1000], score.PassAtK.Select(pass => pass.K));
        Assert.Equal([0, 0.5, 1, 1, 1, 1], score.PassAtK.Select(pass => pass.PartialCredit.Value));
        Assert.Equal([0, 0, 1, 1, 1, 1], score.PassAtK.Select(pass => pass.AllPairs.Value));
        Assert.Equal([0, 0.5, 1, 1, 1, 1], score.PassAtK.Select(pass => pass.Inputs.Value));
        Assert.Equal([(2, 380L, 1001L, 193), (3, 150L, 1001L, 5)], score.Inputs.Select(input => (input.Rank, input.RightVotes, input.Votes, input.Candidates)));
        Assert.Equal((193 + 5) / 2.0, score.MeanCandidates);
        Assert.Equal(150.0 / 1001, score.Inputs[1].RightShare);
        Assert.Equal((2002, 0, 1, 1), (score.Votes, score.InputsWithoutVotes, score.Tasks, score.Checkpoints));
    }

    /// <summary>Tasks of 1, 2 and 3 inputs with 1, 1 and 0 right: (1 + 1/2 + 0)/3 of the tasks, 1 of 3 solved, 2 of 6 inputs.</summary>
    [Fact]
    public void TheThreeRulesDiffer()
    {
        var voting = Begin(Task("a", 1), Task("b", 2), Task("c", 3));
        voting.Vote("a", "1", "9", 1, 0.5);
        voting.Vote("b", "1", "9", 1, 0.5);
        voting.Vote("b", "2", "8", 1, 0.5);
        voting.Vote("c", "2", "8", 1, 0.5);
        var score = ArcScore.Of(voting);
        var pass = score.PassAtK[0];
        Assert.Equal((1.5, 3), (pass.PartialCredit.Successes, pass.PartialCredit.Trials));
        Assert.Equal((1, 3), (pass.AllPairs.Successes, pass.AllPairs.Trials));
        Assert.Equal((2, 6), (pass.Inputs.Successes, pass.Inputs.Trials));
        Assert.Equal(2, score.InputsWithoutVotes);
        Assert.Equal(1, score.MeanCandidates);
        Assert.Equal(0, score.MeanEntropy);
        Assert.True(pass.PartialCredit.Interval95.Low < 0.5 && pass.PartialCredit.Interval95.High > 0.5);
    }

    [Fact]
    public void NothingPredictedIsZero()
    {
        var score = ArcScore.Of(new ArcVoting([Task("a", 2)], ArcVotingMode.SingleCheckpoint));
        Assert.All(score.PassAtK, pass => Assert.Equal(0, pass.PartialCredit.Value));
        Assert.Equal((0, 0.0, 0.0), (score.Votes, score.MeanCandidates, score.MeanEntropy));
    }

    [Fact]
    public void WithoutAnswersThereIsNoScore()
    {
        var voting = new ArcVoting([Task("a", 2) with { Outputs = [] }], ArcVotingMode.SingleCheckpoint);
        Assert.Equal("task 'a': outputs, expected the answers of all 2 test inputs, found none", Assert.Throws<GraphException>(() => ArcScore.Of(voting)).Message);
    }

    private static ArcTestTask Task(string name, int inputs) =>
        new(name, [.. Enumerable.Range(1, inputs).Select(i => ArcExamples.Grid($"{i}"))], [.. Enumerable.Repeat(ArcExamples.Grid("9"), inputs)]);

    private static ArcVoting Begin(params ArcTestTask[] tasks)
    {
        var voting = new ArcVoting(tasks, ArcVotingMode.SingleCheckpoint);
        voting.BeginCheckpoint();
        return voting;
    }
}
