using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>
/// Digests of whole data sets: TRM's builders written anew in Python (its own MT19937), whose names, counts and first identifiers
/// equal those recorded with numpy 1.24.2 and whose .npy headers are those of numpy.save.
/// </summary>
public sealed class BuilderTests
{
    [Fact]
    public void ArcExcerptIsRebuiltByteForByte()
    {
        using var folder = new TemporaryFolder();
        var stages = new List<BuildProgress>();
        var summary = ArcBuilder.Build(BenchmarkData.ArcExcerpt(folder.Path) with { Progress = stages.Add });
        Assert.Equal(new BuildSummary(new(13, 52, 208), new(5, 20, 24), 53), summary);
        Assert.Equal("016048090aa5461385813b11a7d0bb493ce758056ecdf457ce0e42920928806f", BenchmarkData.Digest(folder.Path));
        Assert.Equal(
            ["<blank>", "6150a2bd", "6150a2bd|||t7|||0481963275", "6150a2bd|||t7|||0197425638", "6150a2bd|||t1|||0638792415", "e9afcf9a"],
            IdentifierList.Open(folder.File(IdentifierList.FileName)).Take(6));
        Assert.Equal(13 + 13 + 5, stages.Count);
        Assert.Equal(new BuildProgress("writing test", 5, 5), stages[^1]);
    }

    [Theory]
    [InlineData("training,evaluation,concept", 3841, 960, 3840, 15952, 400, 1600, 1676, "8be77c9e,8be77c9e|||t7|||0612397845,8be77c9e|||t7|||0821593764", "db1c3a6d504d7d2b4d9a80f21525dded3e90c594d085f90395c616c4a8219421")]
    [InlineData("training2,evaluation2,concept", 5121, 1280, 5120, 22292, 120, 480, 688, "8b28cd80,8b28cd80|||t3|||0768314952,8b28cd80|||t0|||0415286739", "f6ff30f8e571a259ec3a4c1e792cd5895703cc95cfd8b5338287f3467166bd80")]
    public void WholeArcIsRebuiltByteForByte(
        string subsets, int identifiers, int trainGroups, int trainPuzzles, int trainExamples, int testGroups, int testPuzzles, int testExamples, string first, string digest)
    {
        using var folder = new TemporaryFolder();
        var names = subsets.Split(',');
        var summary = ArcBuilder.Build(new ArcBuildOptions
        {
            InputPrefix = BenchmarkData.Whole("arc-agi/arc-agi"),
            OutputDirectory = folder.Path,
            Subsets = names,
            TestSubset = names[1],
            Augmentations = 3,
        });
        Assert.Equal(new BuildSummary(new(trainGroups, trainPuzzles, trainExamples), new(testGroups, testPuzzles, testExamples), identifiers), summary);
        Assert.Equal(first.Split(','), IdentifierList.Open(folder.File(IdentifierList.FileName)).Skip(1).Take(3));
        Assert.Equal(digest, BenchmarkData.Digest(folder.Path));
    }

    /// <summary>Published sizes of the sets with 1000 augmentations. Minutes of hashing, so only on request: <c>--explicit only</c>.</summary>
    [Theory(Explicit = true)]
    [InlineData("training,evaluation,concept", 876_406, 3_633_410, 368_150, 385_815, 164)]
    [InlineData("training2,evaluation2,concept", 1_191_730, 5_163_277, 118_766, 170_393, 175)]
    public void AThousandAugmentationsGiveThePublishedSizes(string subsets, int identifiers, int trainExamples, int testPuzzles, int testExamples, int notFull)
    {
        var names = subsets.Split(',');
        var random = new NumpyRandomState(42);
        var augmenter = new ArcAugmenter(random);
        var sizes = (Identifiers: 1, TrainExamples: 0, TestPuzzles: 0, TestExamples: 0, NotFull: 0);
        foreach (var name in names)
        {
            ArcTask[] tasks = [.. ArcTaskFile.OpenSubset(BenchmarkData.Whole("arc-agi/arc-agi"), name)];
            random.Shuffle(tasks.AsSpan());
            foreach (var task in tasks)
            {
                var (forms, heldOut) = (augmenter.Draw(task, 1000).Count + 1, name == names[1]);
                sizes.Identifiers += forms;
                sizes.TrainExamples += forms * (task.Train.Count + (heldOut ? 0 : task.Test.Count));
                sizes.TestPuzzles += heldOut ? forms : 0;
                sizes.TestExamples += heldOut ? forms * task.Test.Count : 0;
                sizes.NotFull += forms < 1001 ? 1 : 0;
            }
        }

        Assert.Equal((identifiers, trainExamples, testPuzzles, testExamples, notFull), sizes);
    }

    [Fact]
    public void SudokuExcerptIsRebuiltByteForByte()
    {
        using var folder = new TemporaryFolder();
        var summary = SudokuBuilder.Build(BenchmarkData.SudokuExcerpt(folder.Path));
        Assert.Equal(new BuildSummary(new(10, 50, 50), new(5, 5, 5), 1), summary);
        Assert.Equal("98133f1133aad4eefd173e13b59736b1c461e14e894d0f91a7e0a3ceca3f6df1", BenchmarkData.Digest(folder.Path));
    }

    [Fact]
    public void MazeExcerptIsRebuiltByteForByte()
    {
        using var folder = new TemporaryFolder();
        var summary = MazeBuilder.Build(BenchmarkData.MazeExcerpt(folder.Path));
        Assert.Equal(new BuildSummary(new(2, 16, 16), new(2, 2, 2), 1), summary);
        Assert.Equal("de6c57e600b00a9eee90bdac409b066336e649a5456bd57faa0f8ce25b62b43a", BenchmarkData.Digest(folder.Path));
    }

    [Fact]
    public void EveryAugmentedSudokuIsAPuzzleWithItsSolution()
    {
        using var folder = new TemporaryFolder();
        SudokuBuilder.Build(BenchmarkData.SudokuExcerpt(folder.Path));
        using var data = PuzzleDataSet.Open("train", folder.Path);
        var (tokens, labels) = (new int[81], new int[81]);
        for (var i = 0; i < data.Sets[0].Examples; i++)
        {
            data.Sets[0].Read(i, tokens, labels);
            Assert.True(SudokuShape.Grid9.IsSolved([.. labels.Select(SudokuTokens.Digit)]));
            Assert.All(tokens.Zip(labels), pair => Assert.True(pair.First == SudokuTokens.Blank || pair.First == pair.Second));
        }
    }

    [Fact]
    public void TestSubsampleAndWholeFilesAreOptions()
    {
        using var folder = new TemporaryFolder();
        var summary = SudokuBuilder.Build(BenchmarkData.SudokuExcerpt(folder.Path) with { Augmentations = 0, SubsampleSize = null, MinDifficulty = null, TestSubsampleSize = 3 });
        Assert.Equal(new BuildSummary(new(24, 24, 24), new(3, 3, 3), 1), summary);
    }

    [Fact]
    public void MistakesAreOneSentence()
    {
        using var folder = new TemporaryFolder();
        var arc = BenchmarkData.ArcExcerpt(folder.Path);
        Fails(() => ArcBuilder.Build(arc with { TestSubset = "evaluation2" }), "test subset 'evaluation2', expected one of the subsets training, evaluation, concept");
        Fails(() => ArcBuilder.Build(arc with { Augmentations = -1 }), "-1 augmentations, expected 0 to 1000000");
        Fails(() => ArcBuilder.Build(arc with { Subsets = ["evaluation", "evaluation"] }), "is in the subsets evaluation and evaluation, expected different tasks");
        Fails(() => ArcBuilder.Build(arc with { Subsets = ["none", "evaluation"] }), "arc-agi_none_challenges.json: cannot be read: ");
        Fails(() => SudokuBuilder.Build(BenchmarkData.SudokuExcerpt(folder.Path) with { MinDifficulty = 9999 }), "puzzles, expected at least one with a rating of 9999 or more");
        Fails(() => SudokuBuilder.Build(BenchmarkData.SudokuExcerpt(folder.Path) with { SubsampleSize = 0 }), "subsample of 0, expected 1 or more");
        Fails(() => MazeBuilder.Build(BenchmarkData.MazeExcerpt(folder.Path) with { TestFile = folder.File("no.csv") }), "no.csv: cannot be read: ");
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*.tmp", SearchOption.AllDirectories));

        static void Fails(Action build, string message) => Assert.Contains(message, Assert.Throws<GraphException>(build).Message, StringComparison.Ordinal);
    }
}
