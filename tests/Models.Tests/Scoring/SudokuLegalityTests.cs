using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class SudokuLegalityTests
{
    private const string Question = "1...34...1...321";
    private const string Answer = "1234341221434321";

    [Theory]
    [InlineData(Answer, true, true, 0)]
    [InlineData("2134342112434312", true, false, 0)] // 1 and 2 exchanged: legal, but the 1 was given.
    [InlineData("1234341221434320", false, false, 3)] // A blank: one row, one column, one box.
    [InlineData("1243341221434321", false, true, 2)] // 3 and 4 exchanged inside row and box: two columns.
    [InlineData("1934341221434321", false, true, 3)] // No such digit.
    [InlineData("1111111111111111", false, false, 12)]
    public void GridsAreJudged(string predicted, bool legal, bool keeps, int broken)
    {
        var legality = SudokuLegality.Of(SudokuShape.Grid4, Digits(Question), Digits(predicted));
        Assert.Equal(new SudokuLegality(legal, keeps, broken), legality);
        Assert.Equal(legal, SudokuShape.Grid4.IsSolved(Digits(predicted)));
    }

    /// <summary>The empty puzzle has 288 solutions; only one is stored.</summary>
    [Fact]
    public void AnotherSolutionIsSolvedButNotExact()
    {
        var score = new SudokuScore(SudokuShape.Grid4);
        var blanks = new string('0', 16);
        score.Add(Tokens(blanks), Tokens(Answer), Tokens(Answer));
        score.Add(Tokens(blanks), Tokens(Answer), Tokens("2134342112434312"));
        score.Add(Tokens(Question), Tokens(Answer), Tokens("2134342112434312"));
        score.Add(Tokens(Question), Tokens(Answer), Tokens("1243341221434321"));
        Assert.Equal((1, 2, 3, 3), (score.Exact.Successes, score.Solved.Successes, score.Legal.Successes, score.KeepsGivens.Successes));
        Assert.Equal(4, score.Exact.Trials);
        Assert.Equal(0.5, score.MeanBrokenUnits);
    }

    /// <summary>Pad is no digit, though it is token 0.</summary>
    [Fact]
    public void PadTokensAreBlanks()
    {
        var score = new SudokuScore(SudokuShape.Grid4);
        Assert.Equal(new SudokuLegality(false, false, 12), score.Add(Tokens(Question), Tokens(Answer), new int[16]));
    }

    private static byte[] Digits(string text) => [.. text.Select(c => (byte)(c == '.' ? 0 : c - '0'))];

    private static int[] Tokens(string text) => [.. Digits(text).Select(digit => digit + 1)];
}
