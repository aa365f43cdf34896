using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class WilsonIntervalTests
{
    /// <summary>R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.</summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void PublishedIntervalsHold(int successes, int trials, double low, double high)
    {
        WilsonInterval interval = WilsonInterval.Of(successes, trials);
        Assert.Equal(low, interval.Low, 0.00005);
        Assert.Equal(high, interval.High, 0.00005);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(3)]
    [InlineData(9.75)]
    [InlineData(10)]
    public void FailuresMirrorSuccesses(double successes)
    {
        WilsonInterval one = WilsonInterval.Of(successes, 10);
        WilsonInterval other = WilsonInterval.Of(10 - successes, 10);
        Assert.Equal(1 - one.High, other.Low, 1e-15);
        Assert.True(one.Low >= 0 && one.Low <= successes / 10 && successes / 10 <= one.High && one.High <= 1);
    }

    /// <summary>The bounds solve (p - q)² = z² q (1 - q) / n.</summary>
    [Fact]
    public void BoundsAreZStandardErrorsAway()
    {
        WilsonInterval interval = WilsonInterval.Of(7, 25, z: 1.5);
        Assert.All([interval.Low, interval.High], q => Assert.Equal(1.5 * 1.5 * q * (1 - q) / 25, (0.28 - q) * (0.28 - q), 1e-15));
    }

    [Fact]
    public void NoTrialsTellNothing() => Assert.Equal(new WilsonInterval(0, 1), WilsonInterval.Of(0, 0));

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(double.NaN)]
    public void ImpossibleCountsAreRefused(double successes) => Assert.Throws<ArgumentOutOfRangeException>(() => WilsonInterval.Of(successes, 1));
}
