using CsCheck;
using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class ArcBallotTests
{
    /// <summary>Few grids, so that votes meet and tie.</summary>
    private static readonly Gen<(ArcGrid Grid, double Q)[]> Votes =
        Gen.Select(Gen.Select(Gen.Int[0, 2], Gen.Int[1, 2], (height, colour) => Row(height, colour)), Gen.Double.Unit).Array[0, 40];

    /// <summary>Votes first, whatever q says; then the mean q; then rows, columns, cells.</summary>
    [Fact]
    public void VotesThenMeanQThenTheGridDecide()
    {
        var ballot = new ArcBallot();
        foreach (var (grid, q) in new[] { (Row(3, 1), 0.1), (Row(3, 1), 0.2), (Row(1, 2), 0.5), (Row(2, 1), 0.5), (Row(1, 1), 0.5), (Row(4, 1), 0.75) })
        {
            ballot.Add(grid, q);
        }

        Assert.Equal([Row(3, 1), Row(4, 1), Row(1, 1), Row(1, 2), Row(2, 1)], ballot.Ranked().Select(candidate => candidate.Grid));
        Assert.Equal([2, 1, 1, 1, 1], ballot.Ranked().Select(candidate => candidate.Votes));
        Assert.Equal(0.15, ballot.Ranked()[0].MeanQ, 1e-12);
        Assert.Equal((6, 5), (ballot.Votes, ballot.Candidates));
    }

    [Fact]
    public void OrderChangesNothing() => Votes.SelectMany(votes => Gen.Shuffle(votes).Select(shuffled => (votes, shuffled))).Sample(
        (votes, shuffled) =>
        {
            var (one, other) = (Count(votes), Count(shuffled));

            // Bit for bit, entropy and mean q included.
            return one.Ranked().SequenceEqual(other.Ranked()) && one.Entropy.Equals(other.Entropy);
        });

    [Fact]
    public void RanksAgreeWithTrmWhereNothingTies() => Votes.Sample(votes =>
    {
        var expected = votes.GroupBy(vote => vote.Grid)
            .Select(group => (group.Key, Count: group.LongCount(), Q: group.Average(vote => vote.Q)))
            .OrderByDescending(group => group.Count).ThenByDescending(group => group.Q).Select(group => group.Key);
        return expected.SequenceEqual(Count(votes).Ranked().Select(candidate => candidate.Grid));
    });

    /// <summary>By hand: shares 3/4 and 1/4 give 0.75 ln(4/3) + 0.25 ln 4 = 0.5623; four level candidates give ln 4.</summary>
    [Fact]
    public void EntropyIsInNats()
    {
        Assert.Equal(0, Count([]).Entropy);
        Assert.Equal(0, Count([(Row(1, 1), 0.5), (Row(1, 1), 0.5)]).Entropy);
        Assert.Equal(0.5623351446188083, Count([(Row(1, 1), 0), (Row(1, 1), 0), (Row(1, 1), 0), (Row(1, 2), 1)]).Entropy, 1e-15);
        Assert.Equal(Math.Log(4), Count([.. Enumerable.Range(1, 4).Select(height => (Row(height, 1), 0.0))]).Entropy, 1e-15);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void QIsAProbability(double q) => Assert.Throws<ArgumentOutOfRangeException>(() => new ArcBallot().Add(Row(1, 1), q));

    private static ArcBallot Count((ArcGrid Grid, double Q)[] votes)
    {
        var ballot = new ArcBallot();
        foreach (var (grid, q) in votes)
        {
            ballot.Add(grid, q);
        }

        return ballot;
    }

    private static ArcGrid Row(int height, int colour) => new(height, height, [.. Enumerable.Repeat((byte)colour, height * height)]);
}
