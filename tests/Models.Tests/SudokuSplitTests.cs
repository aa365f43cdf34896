using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class SudokuSplitTests
{
    [Theory]
    [InlineData(4, 600, 512, 6, 10)]
    [InlineData(6, 600, 100, 10, 18)]
    public void NoHeldOutPuzzleEqualsATrainingPuzzleUpToSymmetry(int n, int train, int heldOut, int minBlanks, int maxBlanks)
    {
        var shape = SudokuShape.Of(n);
        var split = SudokuSplit.Generate(shape, 1, train, heldOut, minBlanks, maxBlanks);
        Assert.Equal(train, split.Train.Count);
        Assert.Equal(heldOut, split.HeldOut.Count);
        var canon = new SudokuCanon(shape);
        var learned = split.Train.Select(puzzle => canon.Key(puzzle.Question)).ToHashSet();
        Assert.Equal(train, learned.Count);
        Assert.Equal(heldOut, split.HeldOut.Select(puzzle => canon.Key(puzzle.Question)).Distinct().Count());
        Assert.DoesNotContain(split.HeldOut, puzzle => learned.Contains(canon.Key(puzzle.Question)));
        Assert.All(split.Train.Concat(split.HeldOut), puzzle => Assert.InRange(puzzle.Blanks, minBlanks, maxBlanks));
    }

    [Fact]
    public void SameSeedSameSplit()
    {
        var (one, two) = (Make(5), Make(5));
        Assert.Equal(one.Train.Select(p => Convert.ToHexString(p.Question)), two.Train.Select(p => Convert.ToHexString(p.Question)));
        Assert.NotEqual(one.HeldOut[0].Question, Make(6).HeldOut[0].Question);

        static SudokuSplit Make(ulong seed) => SudokuSplit.Generate(SudokuShape.Grid6, seed, 50, 20, 8, 12);
    }

    [Fact]
    public void RowsThatEqualAHeldOutRowUpToSymmetryAreDropped()
    {
        var shape = SudokuShape.Grid6;
        var random = SudokuRandom.Of(1, 1, 0);
        var held = SudokuGenerator.Puzzle(shape, 15, ref random);
        var other = SudokuGenerator.Puzzle(shape, 15, ref random);
        var symmetry = new SudokuSymmetry(shape);
        symmetry.Shuffle(ref random);
        var twin = new SudokuPuzzle(new byte[36], new byte[36]);
        symmetry.Apply(held.Question, twin.Question);
        symmetry.Apply(held.Answer, twin.Answer);
        var split = SudokuSplit.OfFiles(shape, [twin, other], [held]);
        Assert.Same(other, Assert.Single(split.Train));
    }

    [Fact]
    public void EveryDrawIsALabelledPuzzleAndRepeatable()
    {
        var shape = SudokuShape.Grid6;
        var split = SudokuSplit.Generate(shape, 2, 20, 5, 10, 14);
        var sampler = new SudokuSampler(shape, split.Train, 9);
        var (tokens, labels, again) = (new int[36], new int[36], new int[36]);
        for (long i = 0; i < 100; i++)
        {
            sampler.Draw(i, tokens, labels);
            Assert.True(shape.IsSolved([.. labels.Select(SudokuTokens.Digit)]));
            Assert.All(tokens.Zip(labels), pair => Assert.True(pair.First == SudokuTokens.Blank || pair.First == pair.Second));
            Assert.All(labels, label => Assert.InRange(label, 2, shape.Vocabulary - 1));
        }

        sampler.Draw(99, again, labels);
        Assert.Equal(tokens, again);
    }
}
