using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Scores of predictions whose scores are known beforehand, on the real data.</summary>
public sealed class BenchmarkScoreTests
{
    /// <summary>
    /// The check in the data's README: with exactly the first output of each of the 400 evaluation tasks right, partial credit gives
    /// 390.5/400, all pairs 381/400, and single inputs 400/419. Copying the input is never right.
    /// </summary>
    [Fact]
    public void ArcRulesGiveTheirPublishedCounts()
    {
        var tasks = ArcTaskFile.OpenSubset(BenchmarkData.Whole("arc-agi/arc-agi"), "evaluation").ConvertAll(task => ArcTestTask.Of(task));
        var voting = new ArcVoting(tasks, ArcVotingMode.SingleCheckpoint);
        voting.BeginCheckpoint();
        var augmentation = new ArcAugmentation("", new Dihedral(3), new ColourMap([0, 9, 2, 6, 1, 8, 3, 7, 5, 4]));
        foreach (var task in tasks)
        {
            for (var i = 0; i < task.Inputs.Count; i++)
            {
                var predicted = i == 0 ? task.Outputs[i] : task.Inputs[i];
                voting.Add(
                    (augmentation with { Task = task.Name }).Name,
                    ArcExamples.Tokens(augmentation.Apply(task.Inputs[i])),
                    ArcExamples.Tokens(augmentation.Apply(predicted)),
                    0.5);
            }
        }

        var pass = ArcScore.Of(voting).PassAtK[0];
        Assert.Equal((390.5, 400), (pass.PartialCredit.Successes, pass.PartialCredit.Trials));
        Assert.Equal((381, 400), (pass.AllPairs.Successes, pass.AllPairs.Trials));
        Assert.Equal((400, 419), (pass.Inputs.Successes, pass.Inputs.Trials));
    }

    [Theory]
    [InlineData("maze/hard-1k/test.csv")]
    [InlineData("maze/generated/test.csv")]
    public void StoredMazePathsAreShortest(string file) => ShortestIn(BenchmarkData.Whole(file));

    [Fact]
    public void StoredMazePathsOfTheExcerptAreShortest() => ShortestIn(BenchmarkData.Excerpt("maze/test.csv"));

    private static void ShortestIn(string file)
    {
        var score = new MazeScore();
        foreach (var maze in MazeCsv.Read(file))
        {
            var (question, answer) = (Array.ConvertAll(maze.Question, token => (int)token), Array.ConvertAll(maze.Answer, token => (int)token));
            Assert.Equal(maze.Rating, score.Add(question, answer, answer).ShortestMarked + 2);
        }

        Assert.Equal((1, 1, 1), (score.Exact.Value, score.Paths.Value, score.Shortest.Value));
    }
}
