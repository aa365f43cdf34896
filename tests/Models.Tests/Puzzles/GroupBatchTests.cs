using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class GroupBatchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly PuzzleDataSet train;
    private readonly PuzzleDataSet test;

    public GroupBatchTests()
    {
        ArcBuilder.Build(BenchmarkData.ArcExcerpt(folder.Path));
        train = PuzzleDataSet.Open("train", folder.Path);
        test = PuzzleDataSet.Open("test", folder.Path);
    }

    private static GroupBatchOptions Options => new() { Seed = 5, GlobalBatch = 16, EpochsPerIteration = 2 };

    public void Dispose()
    {
        train.Dispose();
        test.Dispose();
        folder.Dispose();
    }

    /// <summary>Recorded from TRM's sampler written anew in Python, global generator seeded with 7; the generators are those of the golden draws.</summary>
    [Fact]
    public void NumpyModeDrawsTrmsBatches()
    {
        string[] expected =
        [
            "46,45,44,47,63,62,61,65,64,182,183,181,180,179,178,125", "203,204,207,205,202,206,29,28,30,31,7,8,6,150,151,149",
            "90,88,86,87,89,133,132,17,15,16,109,108,110,96,97,98", "174,173,176,172,177,175,135,134,13,14,12,126,127,43,42,40",
            "35,33,34,32,150,153,152,149,148,151,88,89,90,87,86,3", "111,113,112,104,103,102,184,188,189,186,187,185,66,68,69,70", "end",
            "108,109,110,135,134,36,39,37,38,12,13,14,195,192,193,191", "8,7,6,68,69,67,66,70,126,127,174,173,176,172,177,175",
            "147,143,145,146,144,142,107,105,106,46,44,45,47,93,91,92", "7,6,8,144,142,143,145,146,147,205,204,203,202,206,207,126",
            "87,90,89,86,88,133,132,33,35,32,34,115,116,114,13,12", "68,66,69,67,70,105,106,107,175,176,172,174,173,177,49,50", "end",
        ];
        Assert.Equal(expected, Run(new GroupBatches(train, Options with { NumpyGlobalSeed = 7 }), expected.Length));
    }

    [Fact]
    public void PuzzlesAreTrmsWithoutNumpysGlobalGenerator()
    {
        var (ours, theirs) = (new GroupBatches(train, Options), new GroupBatches(train, Options with { NumpyGlobalSeed = 7 }));
        var (one, two) = (new PuzzleBatch(16, 900), new PuzzleBatch(16, 900));
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(theirs.Next(two), ours.Next(one));
            Assert.Equal(two.PuzzleIdentifiers, one.PuzzleIdentifiers);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7u)]
    public void ARunGoesOnWhereItStopped(uint? numpy)
    {
        var options = Options with { NumpyGlobalSeed = numpy };
        var whole = new GroupBatches(train, options);
        for (var steps = 0; steps < 20; steps++)
        {
            var resumed = new GroupBatches(train, options);
            resumed.Seek(whole.Position);
            Assert.Equal(whole.Position, resumed.Position);
            var ahead = new GroupBatches(train, options);
            Run(ahead, steps);
            Assert.Equal(Run(ahead, 5), Run(resumed, 5));
            Run(whole, 1);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    public void RanksShareTheBatchOfOne(int ranks)
    {
        var alone = Run(new GroupBatches(train, Options), 20);
        var parts = Enumerable.Range(0, ranks).Select(rank => Run(new GroupBatches(train, Options with { Slice = new RankSlice(rank, ranks) }), 20)).ToArray();
        for (var i = 0; i < alone.Length; i++)
        {
            Assert.Equal(alone[i], alone[i] == "end" ? parts[0][i] : string.Join(',', parts.Select(part => part[i])));
        }
    }

    [Fact]
    public void EveryGroupIsDrawnOnceAnEpoch()
    {
        var batches = new GroupBatches(train, Options with { GlobalBatch = 1, EpochsPerIteration = 3 });
        var batch = new PuzzleBatch(1, 900);
        var groups = new List<int>();
        while (batches.Next(batch))
        {
            groups.Add(train.Sets[0].GroupIndices.ToArray().Count(first => first <= train.Sets[0].PuzzleOf(batch.Examples[0])) - 1);
        }

        Assert.Equal(39, groups.Count);
        Assert.All(groups.Chunk(13), epoch => Assert.Equal(Enumerable.Range(0, 13), epoch.Order()));
    }

    [Fact]
    public void SetsTakeTurns()
    {
        using var both = PuzzleDataSet.Open("train", folder.Path, folder.Path);
        Assert.Equal(["all", "all1"], both.Metadata.Sets);
        Assert.Equal((26, 53, 104), (both.Metadata.TotalGroups, both.Metadata.NumPuzzleIdentifiers, both.Metadata.TotalPuzzles));
        var batches = new GroupBatches(both, Options);
        var batch = new PuzzleBatch(16, 900);
        List<string> seen = [];
        for (var i = 0; i < 40; i++)
        {
            seen.Add(batches.Next(batch) ? batch.Set : "end");
        }

        Assert.Equal(["all", "end", "all1", "end", "all", "end"], seen.Where((set, i) => i == 0 || seen[i - 1] != set).Take(6));
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 9)]
    [InlineData(4, 16)]
    [InlineData(2, 48)]
    public void EvaluationSeesEveryExampleOnceAndPaddingIsMarked(int ranks, int globalBatch)
    {
        var seen = new List<int>();
        var counted = 0;
        for (var rank = 0; rank < ranks; rank++)
        {
            var batches = new EvaluationBatches(test, globalBatch, new RankSlice(rank, ranks));
            var batch = new PuzzleBatch(batches.Rows, 900);
            var count = 0;
            while (batches.Next(batch))
            {
                count++;
                seen.AddRange(batch.Examples[..batch.Valid]);
                counted += rank == 0 ? batch.GlobalValid : 0;
                Assert.Equal(batch.Examples[..batch.Valid].Select(example => test.Sets[0].PuzzleIdentifiers[test.Sets[0].PuzzleOf(example)]), batch.PuzzleIdentifiers[..batch.Valid]);
                Assert.All(batch.Examples[batch.Valid..], example => Assert.Equal(-1, example));
                Assert.All(batch.PuzzleIdentifiers[batch.Valid..], identifier => Assert.Equal(0, identifier));
                Assert.All(batch.Labels[(batch.Valid * 900)..], label => Assert.Equal(PuzzleSet.IgnoredLabel, label));
                Assert.All(batch.Tokens[(batch.Valid * 900)..], token => Assert.Equal(0, token));
            }

            Assert.Equal((24 + globalBatch - 1) / globalBatch, count);
        }

        Assert.Equal(Enumerable.Range(0, 24), seen.Order());
        Assert.Equal(24, counted);
    }

    [Fact]
    public void MistakesAreOneSentence()
    {
        Fails(() => new GroupBatches(train, Options with { Slice = new RankSlice(0, 3) }), "global batch 16, expected a multiple of the 3 ranks");
        Fails(() => new GroupBatches(train, Options with { Slice = new RankSlice(2, 2) }), "rank 2 of 2, expected a rank from 0 below the number of ranks");
        Fails(() => new GroupBatches(train, Options with { EpochsPerIteration = 0 }), "0 epochs an iteration, expected 1 to ");
        Fails(() => new GroupBatches(train, Options).Next(new PuzzleBatch(8, 900)), "batch of 8x900, expected 16x900");
        Fails(() => new GroupBatches(train, Options with { GlobalBatch = 768 }).Next(new PuzzleBatch(768, 900)), "set 'all' with 13 groups, expected enough for a batch of 768");
        Fails(() => Seek(1, 2), "position 2 of iteration 1, expected one at which a batch of 16 begins");
        Fails(() => Seek(-1, 0), "position 0 of iteration -1");

        GroupBatches Seek(int iteration, int next)
        {
            var batches = new GroupBatches(train, Options);
            batches.Seek(new GroupPosition(iteration, next));
            return batches;
        }

        static void Fails(Func<object> action, string message) => Assert.StartsWith(message, Assert.Throws<GraphException>(action).Message, StringComparison.Ordinal);
    }

    private static string[] Run(GroupBatches batches, int calls)
    {
        var batch = new PuzzleBatch(batches.Rows, 900);
        return [.. Enumerable.Range(0, calls).Select(_ => batches.Next(batch) ? string.Join(',', batch.Examples) : "end")];
    }
}
