using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class ArcSubmissionTests : IDisposable
{
    private const string Nothing = "{\"attempt_1\":[[0,0],[0,0]],\"attempt_2\":[[0,0],[0,0]]}";
    private readonly string path = Path.Combine(Path.GetTempPath(), $"graph-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(path);

    [Fact]
    public void EveryTestInputHasTwoAttempts()
    {
        var voting = new ArcVoting(
            [
                new ArcTestTask("b", [ArcExamples.Grid("1"), ArcExamples.Grid("2"), ArcExamples.Grid("3")], []),
                new ArcTestTask("a", [ArcExamples.Grid("1")], []),
            ],
            ArcVotingMode.SingleCheckpoint);
        voting.BeginCheckpoint();

        // Of the first input there is nothing; the others must stay where they are.
        voting.Vote("b", "2", "12/34", 1, 0.5);
        voting.Vote("b", "3", "567", 1, 0.5);
        voting.Vote("b", "3", "8/9", 2, 0.5);
        voting.Vote("b", "3", "0", 1, 0.25);
        ArcSubmission.Write(path, voting);
        Assert.Equal(
            "{\"b\":[" + Nothing + ",{\"attempt_1\":[[1,2],[3,4]],\"attempt_2\":[[1,2],[3,4]]},{\"attempt_1\":[[8],[9]],\"attempt_2\":[[5,6,7]]}],\"a\":[" + Nothing + "]}",
            File.ReadAllText(path));
    }

    [Fact]
    public void AGridWithoutCellsIsNotSubmitted()
    {
        var voting = new ArcVoting([new ArcTestTask("a", [ArcExamples.Grid("1")], [])], ArcVotingMode.SingleCheckpoint);
        voting.BeginCheckpoint();
        voting.Add("a", ArcExamples.Tokens(ArcExamples.Grid("1")), new int[ArcEncoding.Length], 0.5);
        ArcSubmission.Write(path, voting);
        Assert.Equal("{\"a\":[" + Nothing + "]}", File.ReadAllText(path));
    }

    [Fact]
    public void APlaceThatCannotBeWrittenIsNamed()
    {
        var file = Path.Combine(path, "submission.json");
        var error = Assert.Throws<GraphException>(() => ArcSubmission.Write(file, new ArcVoting([], ArcVotingMode.SingleCheckpoint)));
        Assert.StartsWith($"Cannot write {file}: ", error.Message, StringComparison.Ordinal);
    }
}
