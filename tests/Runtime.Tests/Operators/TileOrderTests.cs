using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Operators;

/// <summary>Units of a launch are independent: neither their order nor the number of threads (each with a dirty scratch) changes a bit.</summary>
public sealed class TileOrderTests
{
    private const int B = 3;

    [Fact]
    public void AttentionUnits()
    {
        const int t = 37, c = 32, heads = 4;
        Ref x = Random(B * t * 3 * c), dy = Random(B * t * c);
        Ref y = Golden.Floats(B * t * c), lse = Golden.Floats(B * heads * t), dx = Golden.Floats(B * t * 3 * c);
        long scratch = Attention.WorkerScratch(t, c, heads);
        Same(B * heads, scratch, (worker, unit) => Attention.Forward(worker, unit, x, y, lse, t, c, heads), (y, B * t * c), (lse, B * heads * t));
        Same(B * heads, scratch, (worker, unit) => Attention.Backward(worker, unit, x, y, lse, dy, dx, t, c, heads), (dx, B * t * 3 * c));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(270)]
    public void ScanUnits(int t)
    {
        const int heads = 4, e = 32, groups = 2, state = 8, chunk = 64, width = e + 2 * groups * state;
        Ref xbc = Random(B * t * width), dt = Random(B * t * heads, 0.3), a = Random(heads), d = Random(heads), dy = Random(B * t * e);
        for (int i = 0; i < B * t * heads; i++)
        {
            dt[i] = MathF.Abs(dt[i]);
        }

        Ref y = Golden.Floats(B * t * e), dxbc = Golden.Floats(B * t * width), ddt = Golden.Floats(B * t * heads), partial = Golden.Floats(B * 2 * heads);
        long scratch = SsdScan.WorkerScratch(t, e, heads, groups, state, chunk);
        float[]? whole = null;
        foreach (int split in (int[])[1, 2])
        {
            Same(B * groups * split, scratch, (worker, unit) => SsdScan.Forward(worker, unit, xbc, dt, a, d, y, t, e, heads, groups, state, chunk, -1, split), (y, B * t * e));
            float[] now = y.Span(B * t * e).ToArray();
            Assert.Equal(whole ?? now, now);
            whole = now;
        }

        Same(B, scratch, (worker, unit) => SsdScan.Backward(worker, unit, xbc, dt, a, d, dy, dxbc, ddt, partial, t, e, heads, groups, state, chunk, -1), (dxbc, B * t * width), (ddt, B * t * heads), (partial, B * 2 * heads));
    }

    [Fact]
    public void ConvolutionUnits()
    {
        const int t = 9, c = 80, w = 4, rows = 6;
        Ref x = Random(B * t * c), weight = Random(c * w), bias = Random(c), dy = Random(B * t * c);
        Ref y = Golden.Floats(B * t * c), dx = Golden.Floats(B * t * c), dconv = Golden.Floats(B * t * c), dweight = Golden.Floats(c * w), dbias = Golden.Floats(c);
        long scratch = CausalConvSiLU.WorkerScratch(c, w);
        // Blocks of 6 rows end inside samples: the taps reach over them.
        Same((B * t + rows - 1) / rows, scratch, (worker, unit) => CausalConvSiLU.Forward(worker, unit * rows, (int)Math.Min(rows, B * t - unit * rows), x, c, weight, bias, y, c, t, c, w, 1), (y, B * t * c));
        Same(B, scratch, (worker, unit) => CausalConvSiLU.BackwardInput(worker, unit, x, c, weight, bias, dy, dx, c, dconv, t, c, w, 1), (dx, B * t * c), (dconv, B * t * c));
        Accumulated(2, scratch, (worker, unit) => CausalConvSiLU.BackwardParameters(worker, unit, x, c, dconv, dweight, dbias, B, t, c, w, 1), (dweight, c * w), (dbias, c));
    }

    [Fact]
    public void EmbeddingUnits()
    {
        const int s = 5, p = 2, t = s + p, c = 40, v = 3, q = 50;
        IntRef tokens = Golden.Ints([1, 2, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 1, 0, 2]);
        Ref puzzle = Random(B * q), table = Random(v * c), position = Random(t * c), dz = Random(B * t * c);
        Ref y = Golden.Floats(B * t * c), z = Golden.Floats(B * t * c), dy = Golden.Floats(B * t * c), dpuzzle = Golden.Floats(B * q), dtable = Golden.Floats(v * c), dposition = Golden.Floats(t * c);
        Same(B, 0, (worker, unit) => Embed.Forward(worker, unit, tokens, puzzle, table, y, s, q, t, c, p), (y, B * t * c));
        Same(B, 0, (worker, unit) => LearnedPositions.Forward(worker, unit, y, position, z, t, c), (z, B * t * c));
        Same(B, 0, (worker, unit) => LearnedPositions.BackwardInput(worker, unit, dy, dz, t, c), (dy, B * t * c));
        Accumulated(t, 0, (worker, unit) => LearnedPositions.BackwardPositions(worker, unit, dz, dposition, B, t, c), (dposition, t * c));
        Same(B, 0, (worker, unit) => Embed.BackwardPuzzle(worker, unit, dy, dpuzzle, q, t, c, p), (dpuzzle, B * q));
        Accumulated((c + 15) / 16, 0, (worker, unit) => Embed.BackwardTokens(worker, unit, tokens, dy, dtable, B, s, t, c, p, v), (dtable, v * c));
    }

    [Fact]
    public void LossAndSliceUnits()
    {
        const int n = 3, v = 5;
        IntRef labels = Golden.Ints([1, -100, 3, 0, 2, 4, -100, -100, -100]);
        Ref logits = Random(B * n * v), seed = Random(B), loss = Golden.Floats(B), exact = Golden.Floats(B), accuracy = Golden.Floats(B), dlogits = Golden.Floats(B * n * v);
        Same(B, 0, (worker, unit) => SoftmaxCrossEntropy.Forward(worker, unit, logits, labels, loss, exact, accuracy, n, v), (loss, B), (exact, B), (accuracy, B));
        Same(B, 0, (worker, unit) => SoftmaxCrossEntropy.Backward(worker, unit, logits, labels, seed, dlogits, n, v), (dlogits, B * n * v));
        Same(B, 0, (worker, unit) => StablemaxCrossEntropy.Forward(worker, unit, logits, labels, loss, exact, accuracy, n, v), (loss, B), (exact, B), (accuracy, B));
        Same(B, 0, (worker, unit) => StablemaxCrossEntropy.Backward(worker, unit, logits, labels, seed, dlogits, n, v), (dlogits, B * n * v));
        Same(B, 0, (worker, unit) => BinaryCrossEntropy.Forward(worker, unit, logits, exact, loss, n * v, 1), (loss, B));
        Same(B, 0, (worker, unit) => BinaryCrossEntropy.Backward(worker, unit, logits, exact, seed, dlogits, n * v, 1), (dlogits, B * n * v));
        Ref slice = Golden.Floats(B * v), back = Golden.Floats(B * n * v);
        Same(B, 0, (worker, unit) => SliceRows.Forward(worker, unit, logits, slice, n, v, 1, 1), (slice, B * v));
        Same(B, 0, (worker, unit) => SliceRows.Backward(worker, unit, back, slice, n, v, 1, 1), (back, B * n * v));
    }

    /// <summary>Written results: they start as NaN, so an element that no unit writes fails.</summary>
    private static void Same(int units, long scratch, Action<Worker, long> run, params (Ref Start, int Count)[] results)
    {
        float[] bits = Compare(units, scratch, run, float.NaN, results);
        Assert.DoesNotContain(bits, float.IsNaN);
    }

    /// <summary>Accumulated results: they start from one, which must still be in them.</summary>
    private static void Accumulated(int units, long scratch, Action<Worker, long> run, params (Ref Start, int Count)[] results)
    {
        float[] fromOne = Compare(units, scratch, run, 1, results), fromZero = Compare(units, scratch, run, 0, results);
        Assert.All(fromOne.Zip(fromZero), pair => Assert.Equal(pair.First, 1 + pair.Second, 1e-5));
    }

    private static float[] Compare(int units, long scratch, Action<Worker, long> run, float start, (Ref Start, int Count)[] results)
    {
        Worker one = Golden.Worker(16, scratch), two = Golden.Worker(16, scratch);
        float[] ascending = After(() => Range(one, 0, units, 1));
        Assert.Equal(ascending, After(() => Range(one, units - 1, -1, -1)));
        Assert.Equal(ascending, After(() => Parallel.Invoke(() => Range(one, 0, units, 2), () => Range(two, 1, units, 2))));
        return ascending;

        void Range(Worker worker, int from, int end, int step)
        {
            for (int unit = from; step > 0 ? unit < end : unit > end; unit += step)
            {
                run(worker, unit);
            }
        }

        float[] After(Action launch)
        {
            foreach ((Ref first, int count) in results)
            {
                first.Span(count).Fill(start);
            }

            launch();
            return [.. results.SelectMany(result => result.Start.Span(result.Count).ToArray())];
        }
    }

    private static Ref Random(int count, double reach = 1)
    {
        Random random = new(count);
        Ref memory = Golden.Floats(count);
        for (int i = 0; i < count; i++)
        {
            memory[i] = (float)(reach * (2 * random.NextDouble() - 1));
        }

        return memory;
    }
}
