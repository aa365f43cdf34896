using Graph.Execution;
using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class RandomTests
{
    // Known answers of the Random123 distribution (kat_vectors, philox4x32 10).
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void PhiloxMatchesThePublishedVectors(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint a, uint b, uint c, uint d) =>
        Assert.Equal((a, b, c, d), CounterRandom.Philox(c0, c1, c2, c3, k0, k1));

    [Fact]
    public void NumbersHaveTheirDistributions()
    {
        var random = new CounterRandom(1, 2, 3, 4);
        int[] counts = new int[15];
        double sum = 0, squares = 0;
        const int draws = 60_000;
        for (int i = 0; i < draws; i++)
        {
            counts[random.NextInt(2, 16) - 2]++;
            double normal = random.NextNormal();
            sum += normal;
            squares += normal * normal;
        }

        Assert.All(counts, count => Assert.InRange(count, 3750, 4250));
        Assert.InRange(sum / draws, -0.02, 0.02);
        Assert.InRange(squares / draws, 0.97, 1.03);
    }

    // Python 3 statistics.NormalDist().inv_cdf(0.5 + q).
    [Theory]
    [InlineData(0.1, 0.2533471031357997)]
    [InlineData(0.3, 0.8416212335729144)]
    [InlineData(-0.47, -1.880793608151251)]
    public void QuantilesAreExact(double q, double expected) => Assert.Equal(expected, Initializer.NormalQuantile(q), 1e-13);

    [Theory]
    [InlineData(Init.TruncatedNormal, 64, 0, 0.125, -0.2842118, 0.2842118)]
    [InlineData(Init.Uniform, 16, 0, 0.1443376, -0.25, 0.25)]
    [InlineData(Init.LogUniform1To16, 1, 1.9574147, 0.6733, 0, 2.7725888)]
    [InlineData(Init.TimeStepBias, 1, -4.59, 1.34, -6.9073, -2.2521)]
    [InlineData(Init.HaltBias, 1, -5, 0, -5, -5)]
    [InlineData(Init.Ones, 1, 1, 0, 1, 1)]
    [InlineData(Init.Zeros, 1, 0, 0, 0, 0)]
    public void InitialisationsHaveTheirMoments(Init init, int fanIn, double mean, double deviation, double low, double high)
    {
        float[] values = new float[40_000];
        Initializer.Fill(new Parameter("w", [values.Length], 0, init, fanIn), values, seed: 5);
        double average = values.Average(v => (double)v);
        double spread = Math.Sqrt(values.Average(v => (v - average) * (v - average)));
        Assert.InRange(average, mean - 0.02, mean + 0.02);
        Assert.InRange(spread, deviation * 0.985, deviation * 1.015);
        Assert.All(values, v => Assert.InRange(v, low - 1e-4, high + 1e-4));
    }

    [Fact]
    public void ParametersAreIndependentOfEachOther()
    {
        using var small = new FakeModel(1, 1, 2, 0, ("a", [8, 4]));
        using var large = new FakeModel(1, 1, 2, 0, ("new", [3, 4]), ("a", [8, 4]));
        Initializer.Fill(small, 9);
        Initializer.Fill(large, 9);
        Assert.Equal(small.Weights.ToArray(), large.Weights[12..].ToArray());
        Assert.NotEqual(small.Weights[..12].ToArray(), large.Weights[..12].ToArray());
        Assert.NotEqual(small.States[0].InitRow, small.States[1].InitRow);
        Assert.Equal(small.States[0].InitRow, large.States[0].InitRow);
        Assert.Equal(1, small.Repacked);
        Initializer.Fill(large, 10);
        Assert.NotEqual(small.Weights.ToArray(), large.Weights[12..].ToArray());
    }
}
