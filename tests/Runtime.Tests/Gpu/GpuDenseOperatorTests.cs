using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Embedding, positions, slices, losses and second stages on a device against their CPU halves. Tolerance 2e-6 of the largest element:
/// float32 sums over a batch in another order, float64 inside the losses.
/// </summary>
public sealed class GpuDenseOperatorTests
{
    private const double Tolerance = 2e-6;

    /// <summary>Kind, batch, tokens, channels, vocabulary, puzzle slots, floats of the puzzle vector.</summary>
    public static TheoryData<string, int, int, int, int, int, int> Embeddings => new()
    {
        { "simulation", 2, 3, 20, 3, 2, 25 }, // the puzzle vector ends inside a slot
        { "ptx", 2, 3, 20, 3, 2, 25 },
        { "simulation", 1, 2, 5, 3, 0, 7 }, // no slots
        { "ptx", 1, 2, 5, 3, 0, 7 },
        { "pocl", 7, 81, 200, 11, 16, 200 },
        { "pocl", 9, 30, 300, 12, 1, 512 }, // the puzzle vector is longer than its slot
    };

    public static TheoryData<string, int, int, int> Losses => new()
    {
        { "simulation", 2, 7, 5 },
        { "ptx", 2, 7, 5 },
        { "pocl", 5, 81, 11 },
        { "pocl", 3, 400, 6 },
        { "pocl", 70, 9, 300 },
    };

    [Theory]
    [MemberData(nameof(Embeddings))]
    public void Embeddings_and_positions_equal_the_cpu(string kind, int b, int s, int c, int v, int p, int q)
    {
        var t = s + p;
        using var twin = new TwinMemory(kind, 1 << 21, b * s);
        var random = new Random(4);
        var tokens = twin.Integers([.. Enumerable.Range(0, b * s).Select(_ => random.Next(v))]);
        Ref puzzle = twin.Values(b * q), table = twin.Values(v * c), position = twin.Values(t * c), dz = twin.Values(b * t * c);
        Ref y = twin.Values(b * t * c), z = twin.Values(b * t * c), dy = twin.Values(b * t * c), dpuzzle = twin.Values(b * q);
        Ref dtable = twin.Values(v * c), dposition = twin.Values(t * c);
        twin.Run(b, 0, (worker, unit, at, ints) => Embed.Forward(worker, unit, ints(tokens), at(puzzle), at(table), at(y), s, q, t, c, p));
        twin.Run(b, 0, (worker, unit, at, _) => LearnedPositions.Forward(worker, unit, at(y), at(position), at(z), t, c));
        twin.Run(b, 0, (worker, unit, at, _) => LearnedPositions.BackwardInput(worker, unit, at(dy), at(dz), t, c));
        twin.Run(t, 0, (worker, unit, at, _) => LearnedPositions.BackwardPositions(worker, unit, at(dz), at(dposition), b, t, c));
        twin.Run(b, 0, (worker, unit, at, _) => Embed.BackwardPuzzle(worker, unit, at(dy), at(dpuzzle), q, t, c, p));
        twin.Run((c + 15) / 16, 0, (worker, unit, at, ints) => Embed.BackwardTokens(worker, unit, ints(tokens), at(dy), at(dtable), b, s, t, c, p, v));
        twin.AssertSame(Tolerance);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Cross_entropies_equal_the_cpu(string kind, int b, int n, int v)
    {
        using var twin = new TwinMemory(kind, 1 << 21, b * n);
        var random = new Random(5);

        // The second sample has no unmasked position.
        var labels = twin.Integers([.. Enumerable.Range(0, b * n).Select(i => i / n == 1 || random.Next(3) == 0 ? -100 : random.Next(v))]);
        Ref logits = twin.Values(b * n * v, reach: 12), seed = twin.Values(b), dlogits = twin.Values(b * n * v);
        Ref loss = twin.Values(b), exact = twin.Values(b), accuracy = twin.Values(b);

        // The first sample is exact, and its second position has two largest logits, of which the lower index counts.
        for (var i = 0; i < n; i++)
        {
            if (labels[i] >= 0)
            {
                logits[(i * v) + labels[i]] = 20;
            }
        }

        labels[1] = 1;
        logits[v + 1] = 20;
        logits[v + 3] = 20;
        twin.Run(b, 0, (worker, unit, at, ints) => SoftmaxCrossEntropy.Forward(worker, unit, at(logits), ints(labels), at(loss), at(exact), at(accuracy), n, v));
        Assert.Equal((1, 1), (exact[0], exact[1]));
        twin.AssertSame(Tolerance);
        twin.Run(b, 0, (worker, unit, at, ints) => SoftmaxCrossEntropy.Backward(worker, unit, at(logits), ints(labels), at(seed), at(dlogits), n, v));
        twin.AssertSame(Tolerance);
        twin.Run(b, 0, (worker, unit, at, ints) => StablemaxCrossEntropy.Forward(worker, unit, at(logits), ints(labels), at(loss), at(exact), at(accuracy), n, v));
        twin.Run(b, 0, (worker, unit, at, ints) => StablemaxCrossEntropy.Backward(worker, unit, at(logits), ints(labels), at(seed), at(dlogits), n, v));
        twin.AssertSame(Tolerance);
    }

    [Theory]
    [InlineData("simulation", 3, 2)]
    [InlineData("ptx", 3, 2)]
    [InlineData("pocl", 300, 2)]
    [InlineData("pocl", 7, 5)]
    public void Binary_cross_entropy_equals_the_cpu(string kind, int b, int k)
    {
        using var twin = new TwinMemory(kind, 1 << 14);
        Ref x = twin.Values(b * k, reach: 30), target = twin.Values(b), dloss = twin.Values(b), loss = twin.Values(b), dx = twin.Values(b * k);
        x[1] = -1000;
        x[k + 1] = 1000;
        for (var i = 0; i < b; i++)
        {
            target[i] = i % 2;
        }

        twin.Run(b, 0, (worker, unit, at, _) => BinaryCrossEntropy.Forward(worker, unit, at(x), at(target), at(loss), k, 1));
        twin.Run(b, 0, (worker, unit, at, _) => BinaryCrossEntropy.Backward(worker, unit, at(x), at(target), at(dloss), at(dx), k, 1));
        twin.AssertSame(Tolerance);
    }

    [Theory]
    [InlineData("simulation", 3, 6, 5, 1, 2)]
    [InlineData("ptx", 3, 6, 5, 1, 2)]
    [InlineData("pocl", 9, 97, 130, 16, 81)]
    [InlineData("pocl", 9, 97, 512, 0, 1)]
    public void Slices_equal_the_cpu(string kind, int b, int t, int c, int first, int n)
    {
        using var twin = new TwinMemory(kind, 1 << 21);
        Ref x = twin.Values((long)b * t * c), y = twin.Values((long)b * n * c), dx = twin.Values((long)b * t * c);
        twin.Run(b, 0, (worker, unit, at, _) => SliceRows.Forward(worker, unit, at(x), at(y), t, c, first, n));
        twin.Run(b, 0, (worker, unit, at, _) => SliceRows.Backward(worker, unit, at(dx), at(y), t, c, first, n));
        twin.AssertSame(0);
    }

    [Theory]
    [InlineData("simulation", 11, 5)]
    [InlineData("ptx", 11, 5)]
    [InlineData("pocl", 1552, 512)]
    [InlineData("pocl", 3, 33)]
    public void Partial_sums_equal_the_cpu(string kind, int blocks, int n)
    {
        using var twin = new TwinMemory(kind, 1 << 21);
        Ref partial = twin.Values((long)blocks * n), gradient = twin.Values(n);
        twin.Run(1, 0, (worker, _, at, _) => PartialSums.AddTo(worker, at(gradient), at(partial), blocks, n));
        twin.AssertSame(Tolerance);
    }

    [Fact]
    public void The_exponential_and_the_logarithm_are_exact_to_1e13()
    {
        for (var x = -699.0; x < 2; x += 0.37)
        {
            Assert.Equal(1, GpuMath.Exp(x) / Math.Exp(x), 2e-13);
            Assert.Equal(x, GpuMath.Log(Math.Exp(x)), 2e-13);
        }

        Assert.Equal(0, GpuMath.Exp(-701));
        Assert.Equal(double.NegativeInfinity, GpuMath.Log(0));
        Assert.Equal(double.PositiveInfinity, GpuMath.Log(double.PositiveInfinity));
        Assert.Equal(double.NaN, GpuMath.Log(double.NaN));
        Assert.Equal(double.NaN, GpuMath.Exp(double.NaN));
    }
}
