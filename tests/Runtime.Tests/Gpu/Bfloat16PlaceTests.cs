using Graph.Execution;
using ILGPU;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>Values of two bytes in a device's memory of floats.</summary>
public sealed class Bfloat16PlaceTests
{
    [Theory]
    [MemberData(nameof(GpuTest.Kinds), MemberType = typeof(GpuTest))]
    public void Elements_are_rounded_to_nearest_even_and_neighbours_stay(string kind)
    {
        using var open = GpuTest.Open(kind, 256);
        var queue = open.Queue;
        float[] values = [1, -2.5f, 1.00390625f, 1.01171875f, 3e38f, -1e-40f, float.PositiveInfinity, 0.1f];
        queue.Upload(values, 0);
        queue.Launch(Copy, 1, 32, new GpuArguments { R0 = 0, R1 = Bfloat16Place.Element(Bfloat16Place.Of(64) + 1), R2 = 128, I0 = values.Length });
        var found = new float[values.Length];
        queue.Download(128, found);

        // 1 + 1/256 lies between two bfloat16 and goes to the even one below, 1 + 3/256 to the even one above.
        float[] expected = [1, -2.5f, 1, 1.015625f, 3.0041e38f, -9.18355e-41f, float.PositiveInfinity, 0.100097656f];
        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal(expected[i], found[i], Math.Abs(expected[i]) * 1e-4f);
        }
    }

    [Fact]
    public void A_place_is_marked_and_arithmetic_keeps_the_mark()
    {
        var place = Bfloat16Place.Of(100);
        Assert.True(Bfloat16Place.Is(place));
        Assert.Equal(207, Bfloat16Place.Element(GpuQueue.At(GpuQueue.Place(place) + 7)));
        Assert.False(Bfloat16Place.Is(GpuQueue.At(default(Ref))));
        Assert.False(Bfloat16Place.Is(1L << 40));
    }

    private static void Copy(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        if (Group.IdxX < a.I0)
        {
            Bfloat16Place.Store(floats, a.R1 + Group.IdxX, floats[a.R0 + Group.IdxX]);
        }

        Group.Barrier();
        if (Group.IdxX < a.I0)
        {
            floats[a.R2 + Group.IdxX] = Bfloat16Place.Load(floats, a.R1 + Group.IdxX);
        }
    }
}
