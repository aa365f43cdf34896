using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Draws recorded with numpy 1.24.2.</summary>
public sealed class NumpyRandomTests
{
    [Fact]
    public void LegacyGeneratorDrawsWhatNumpyDraws()
    {
        var random = new NumpyRandomState(42);
        Assert.Equal([6, 3, 4, 6, 2, 7, 4, 4], Enumerable.Range(0, 8).Select(_ => random.RandInt(0, 8)));
        var colours = new int[9];
        random.Permutation(colours, 1);
        Assert.Equal([5, 8, 1, 4, 6, 9, 3, 2, 7], colours);
        int[] list = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        random.Shuffle(list.AsSpan());
        Assert.Equal([0, 8, 6, 3, 1, 4, 5, 2, 9, 7], list);
        Assert.Equal(0, random.RandInt(0, 1));
        Assert.Equal(1, random.RandInt(0, 21));
        Assert.Equal(0.18182496720710062, random.Rand());
        Assert.Equal([6, 2, 8, 7], random.Choice(10, 4));
    }

    [Theory]
    [InlineData(1, 7434755675892716031, 10007452063617845036, "6,2,1,0,8,4,3,9,7,5", "833,117,794,509", "313,426,85,145,327,997,176,746")]
    [InlineData(2, 10128210881749538955, 6172844041825227978, "5,9,6,0,3,2,1,8,4,7", "56,302,504,195", "531,590,936,813,601,228,966,528")]
    public void PhiloxDrawsWhatNumpyDraws(ulong seed, ulong first, ulong second, string ten, string integers, string thousand)
    {
        Assert.Equal((first, second), new NumpyPhilox(seed).Key);
        Assert.Equal(ten, Permutation(new NumpyPhilox(seed), 10));
        var random = new NumpyPhilox(seed);
        Permutation(random, 10);
        var after = string.Join(',', Enumerable.Range(0, 4).Select(_ => random.Integers(0, 1001)));
        Assert.Equal(integers, after);
        Assert.Equal(5, random.Integers(5, 6));
        Assert.StartsWith(thousand, Permutation(random, 1000), StringComparison.Ordinal);
    }

    private static string Permutation(NumpyPhilox random, int count)
    {
        var items = new int[count];
        random.Permutation(items);
        return string.Join(',', items);
    }
}
