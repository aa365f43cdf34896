using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class MazePathTests
{
    /// <summary>The shortest paths take 6 moves: right, right, then down, or down in the second column first.</summary>
    private const string Question =
        "S   " +
        "#  #" +
        " # #" +
        "   G";

    [Theory]
    [InlineData("Soo " + "# o#" + " #o#" + "  oG", true, true, 5, true)]
    [InlineData("So  " + "#oo#" + " #o#" + "  oG", true, true, 5, true)]
    [InlineData("Soo " + "#oo#" + " #o#" + "  oG", true, true, 6, false)] // A block: joined, but not shortest.
    [InlineData("Soo " + "# o#" + " #o#" + "o oG", true, false, 6, false)] // A mark apart.
    [InlineData("Soo " + "# o#" + " #o#" + "   G", true, false, 4, false)] // G is not reached.
    [InlineData("S   " + "#  #" + " # #" + "   G", true, false, 0, false)]
    [InlineData("So  " + "#o #" + "oo #" + "oooG", false, false, 7, false)] // Through a wall.
    [InlineData("Soo " + "# o " + " #o#" + "  oG", false, true, 5, false)] // A wall is gone.
    [InlineData("ooo " + "# o#" + " #o#" + "  oG", false, false, 6, false)] // S is gone.
    public void PathsAreJudged(string predicted, bool keeps, bool connects, int marked, bool shortest)
    {
        var path = MazePath.Of(Tokens(Question), Tokens(predicted));
        Assert.Equal(new MazePath(keeps, connects, marked, 5), path);
        Assert.Equal(shortest, path.IsShortest);
    }

    /// <summary>Rows do not wrap: cells 1 and 2 are neighbours in memory only.</summary>
    [Theory]
    [InlineData("#S" + "G#")]
    [InlineData("#G" + "S#")]
    public void TheEdgeIsABorder(string maze)
    {
        var path = MazePath.Of(Tokens(maze), Tokens(maze));
        Assert.Equal(new MazePath(true, false, 0, -1), path);
        Assert.False(path.IsShortest);
    }

    [Fact]
    public void NeighboursNeedNoMarks() => Assert.True(MazePath.Of(Tokens("SG" + "  "), Tokens("SG" + "  ")).IsShortest);

    [Fact]
    public void WhatLiesBehindTheGoalIsNotOnTheWay() => Assert.False(MazePath.Of(Tokens("SG " + "## " + "## "), Tokens("SGo" + "## " + "## ")).Connects);

    [Theory]
    [InlineData("S  ", "maze of 3 cells with 1 S and 0 G, expected a square with one of each")]
    [InlineData("SSG ", "maze of 4 cells with 2 S and 1 G, expected a square with one of each")]
    public void AStrangeMazeIsNamed(string question, string message) =>
        Assert.Equal(message, Assert.Throws<GraphException>(() => MazePath.Of(Tokens(question), Tokens(question))).Message);

    [Fact]
    public void ScoresAreSharesOfAllPredictions()
    {
        const string Answer = "Soo # o# #o#  oG";
        var score = new MazeScore();
        foreach (var predicted in (string[])[Answer, "So  #oo# #o#  oG", "Soo #oo# #o#  oG", Question])
        {
            score.Add(Tokens(Question), Tokens(Answer), Tokens(predicted));
        }

        Assert.Equal((0.25, 0.5, 0.75), (score.Exact.Value, score.Shortest.Value, score.Paths.Value));
    }

    private static int[] Tokens(string text) => [.. text.Select(c => "_# SGo".IndexOf(c, StringComparison.Ordinal))];
}
