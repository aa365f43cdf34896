using CsCheck;
using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class ArcVotingTests
{
    private static readonly ArcTestTask Task = new("abc", [ArcExamples.Grid("12/30"), ArcExamples.Grid("5")], [ArcExamples.Grid("21/03"), ArcExamples.Grid("6")]);

    [Fact]
    public void CroppingUndoesEncodingAndInverseUndoesAugmentation() => Gen.Select(ArcExamples.Grids, ArcExamples.Augmentations("abc")).Sample(
        (grid, augmentation) => augmentation.Inverse(ArcEncoding.Crop(ArcExamples.Tokens(augmentation.Apply(grid)))) == grid);

    /// <summary>A vote given through an augmentation is the vote that the original puzzle would have given.</summary>
    [Fact]
    public void AugmentationsDoNotChangeTheVote() =>
        Gen.Select(ArcExamples.Grids, Gen.Select(ArcExamples.Augmentations("abc"), Gen.Int[0, 2], Gen.Double.Unit).Array[1, 12]).Sample((input, votes) =>
        {
            var task = new ArcTestTask("abc", [input], []);
            var (plain, augmented) = (Begin(task), Begin(task));
            foreach (var (augmentation, colour, q) in votes)
            {
                var predicted = new ArcGrid(1, 2, [(byte)colour, 1]);
                plain.Add("abc", ArcExamples.Tokens(input), ArcExamples.Tokens(predicted), q);
                augmented.Add(augmentation.Name, ArcExamples.Tokens(augmentation.Apply(input)), ArcExamples.Tokens(augmentation.Apply(predicted)), q);
            }

            return plain.Ballot(task, 0).Ranked().SequenceEqual(augmented.Ballot(task, 0).Ranked());
        }, iter: 200);

    /// <summary>A failing property prints its augmentation.</summary>
    [Fact]
    public void AnAugmentationHasAText() => Assert.Contains("t7", new ArcAugmentation("abc", new Dihedral(7), ColourMap.Identity).ToString(), StringComparison.Ordinal);

    [Fact]
    public void APredictionWithoutColoursIsAnEmptyGridAndVotes()
    {
        var voting = Begin(Task);
        voting.Add("abc|||t1|||0123456789", ArcExamples.Tokens(new Dihedral(1).Apply(Task.Inputs[0])), new int[900], 0.5);
        var candidate = Assert.Single(voting.Ballot(Task, 0).Ranked());
        Assert.Equal((0, 0, 1), (candidate.Grid.Height, candidate.Grid.Width, candidate.Votes));
    }

    [Fact]
    public void ASingleCheckpointForgetsAndAnEnsembleDoesNot()
    {
        foreach (var (mode, votes, label) in new[] { (ArcVotingMode.SingleCheckpoint, 1, "single checkpoint"), (ArcVotingMode.CheckpointEnsemble, 3, "ensemble of 2 checkpoints") })
        {
            var voting = new ArcVoting([Task], mode);
            voting.BeginCheckpoint();
            voting.Vote("abc", "5", "6", 2, 0.5);
            voting.BeginCheckpoint();
            voting.Vote("abc", "5", "7", 1, 0.5);
            Assert.Equal(votes, voting.Ballot(Task, 1).Votes);
            Assert.Equal(label, ArcScore.Of(voting).Label);
        }
    }

    [Theory]
    [InlineData("other", "5", "identifier 'other': task 'other', expected one of the 1 test tasks")]
    [InlineData("abc", "7", "identifier 'abc': input, expected an augmented test input of task 'abc'")]
    [InlineData("abc|||t8|||0123456789", "5", "identifier 'abc|||t8|||0123456789': augmentation, expected task|||t0 to t7|||ten different digits")]
    public void AStrangePredictionIsNamed(string identifier, string input, string message)
    {
        var voting = Begin(Task);
        Assert.Equal(message, Assert.Throws<GraphException>(() => voting.Vote(identifier, input, "6", 1, 0.5)).Message);
    }

    [Fact]
    public void PredictionsBelongToACheckpoint() =>
        Assert.Throws<InvalidOperationException>(() => new ArcVoting([Task], ArcVotingMode.SingleCheckpoint).Vote("abc", "5", "6", 1, 0.5));

    [Fact]
    public void StrangeTasksAreNamed()
    {
        Assert.Equal("task 'abc' is there twice, expected different names", Fails(Task, Task));
        Assert.Equal("task 'abc': 2 test inputs and 1 outputs, expected at least one input and one output for each, or none", Fails(Task with { Outputs = [Task.Outputs[0]] }));
        static string Fails(params ArcTestTask[] tasks) => Assert.Throws<GraphException>(() => new ArcVoting(tasks, ArcVotingMode.SingleCheckpoint)).Message;
    }

    private static ArcVoting Begin(ArcTestTask task)
    {
        var voting = new ArcVoting([task], ArcVotingMode.SingleCheckpoint);
        voting.BeginCheckpoint();
        return voting;
    }
}
