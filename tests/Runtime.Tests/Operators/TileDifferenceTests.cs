using Graph.Execution;
using Graph.Lanes;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Operators;

/// <summary>
/// Backward of the small tile operators against central differences of their float32 forward: step 1e-2, tolerance 2e-3
/// of the gradient's norm, which is what float32 differences can show.
/// </summary>
public sealed class TileDifferenceTests
{
    private const double Tolerance = 2e-3;

    [Theory]
    [InlineData(16, 1, 0)]
    [InlineData(16, -1, 5)]
    [InlineData(8, -1, 0)]
    [InlineData(8, 1, 3)]
    [InlineData(4, 1, 5)]
    [InlineData(1, -1, 3)]
    public void CausalConvolution(int lanes, int direction, int gap)
    {
        // With a gap x, y and dx are views of wider rows, whose other columns must stay as they are.
        const int b = 2, t = 5, c = 16, w = 4;
        int stride = c + gap;
        Ref x = Random(b * t * stride, 1), weight = Random(c * w, 2), bias = Random(c, 3), dy = Random(b * t * c, 4);
        Ref y = Golden.Floats(b * t * stride), dx = Golden.Floats(b * t * stride), scratch = Golden.Floats(b * t * c);
        for (int i = 0; i < b * t; i++)
        {
            (dx + (i * stride + c)).Span(gap).Clear();
        }

        Ref dweight = Golden.Floats(new float[c * w]), dbias = Golden.Floats(new float[c]);
        Worker worker = Golden.Worker(lanes, CausalConvSiLU.WorkerScratch(c, w));
        for (int unit = 0; unit < b; unit++)
        {
            CausalConvSiLU.BackwardInput(worker, unit, x, stride, weight, bias, dy, dx, stride, scratch, t, c, w, direction);
        }

        CausalConvSiLU.BackwardParameters(worker, 0, x, stride, scratch, dweight, dbias, b, t, c, w, direction);
        double Loss()
        {
            CausalConvSiLU.Forward(worker, 0, b * t, x, stride, weight, bias, y, stride, t, c, w, direction);
            return Enumerable.Range(0, b * t).Sum(row => Dot(y + row * stride, dy + row * c, c));
        }

        Check(Loss, x, dx, b * t * stride);
        Check(Loss, weight, dweight, c * w);
        Check(Loss, bias, dbias, c);

        // Time only flows one way: the first step of the scan sees itself alone.
        Loss();
        int last = direction > 0 ? 0 : t - 1;
        for (int j = 0; j < c; j++)
        {
            double conv = bias[j] + (double)weight[j * w + w - 1] * x[last * stride + j];
            Assert.Equal(conv / (1 + Math.Exp(-conv)), y[last * stride + j], 1e-5);
        }

        Assert.All(Enumerable.Range(0, b * t * stride).Where(i => i % stride >= c), i => Assert.True(float.IsNaN(y[i])));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)] // the puzzle vector is longer than its slot: the rest is cut off
    [InlineData(0)] // no puzzle slots: the vector has no effect and no gradient
    public void EmbeddingThenPositions(int p)
    {
        const int b = 2, s = 3, c = 20, v = 4, q = 25;
        int t = s + p;
        IntRef tokens = Golden.Ints([1, 3, 1, 0, 3, 2]);
        Ref puzzle = Random(b * q, 1), table = Random(v * c, 2), position = Random(t * c, 3), dz = Random(b * t * c, 4);
        Ref y = Golden.Floats(b * t * c), z = Golden.Floats(b * t * c), dy = Golden.Floats(b * t * c), dpuzzle = Golden.Floats(b * q);
        Ref dtable = Golden.Floats(new float[v * c]), dposition = Golden.Floats(new float[t * c]);
        double Loss()
        {
            for (int unit = 0; unit < b; unit++)
            {
                Embed.Forward(default, unit, tokens, puzzle, table, y, s, q, t, c, p);
                LearnedPositions.Forward(default, unit, y, position, z, t, c);
            }

            return Dot(z, dz, b * t * c);
        }

        for (int unit = 0; unit < b; unit++)
        {
            LearnedPositions.BackwardInput(default, unit, dy, dz, t, c);
            Embed.BackwardPuzzle(default, unit, dy, dpuzzle, q, t, c, p);
        }

        for (int unit = 0; unit < t; unit++)
        {
            LearnedPositions.BackwardPositions(default, unit, dz, dposition, b, t, c);
        }

        for (int unit = 0; unit < 2; unit++)
        {
            Embed.BackwardTokens(default, unit, tokens, dy, dtable, b, s, t, c, p, v);
        }

        Check(Loss, puzzle, dpuzzle, b * q);
        Check(Loss, table, dtable, v * c);
        Check(Loss, position, dposition, t * c);
    }

    [Fact]
    public void LossesAndSlices()
    {
        const int b = 2, n = 4, v = 5;
        IntRef labels = Golden.Ints([1, -100, 3, 0, -100, -100, -100, -100]);
        Ref logits = Random(b * n * v, 1), loss = Golden.Floats(b), exact = Golden.Floats(b), accuracy = Golden.Floats(b);
        Ref one = Golden.Floats([0.5f, 1.5f]), gradient = Golden.Floats(b * n * v);
        double Softmax()
        {
            for (int unit = 0; unit < b; unit++)
            {
                SoftmaxCrossEntropy.Forward(default, unit, logits, labels, loss, exact, accuracy, n, v);
            }

            return Dot(loss, one, b);
        }

        for (int unit = 0; unit < b; unit++)
        {
            SoftmaxCrossEntropy.Backward(default, unit, logits, labels, one, gradient, n, v);
        }

        Check(Softmax, logits, gradient, b * n * v);
        Assert.Equal((0f, 1f, 0f), (loss[1], exact[1], accuracy[1]));

        Ref target = Golden.Floats([1, 0]), two = Random(b * 2, 5), dtwo = Golden.Floats(b * 2);
        double Halting()
        {
            for (int unit = 0; unit < b; unit++)
            {
                BinaryCrossEntropy.Forward(default, unit, two, target, loss, 2, 1);
            }

            return Dot(loss, one, b);
        }

        for (int unit = 0; unit < b; unit++)
        {
            BinaryCrossEntropy.Backward(default, unit, two, target, one, dtwo, 2, 1);
        }

        Check(Halting, two, dtwo, b * 2);

        Ref slice = Golden.Floats(b * 2 * v), back = Golden.Floats(b * n * v);
        for (int unit = 0; unit < b; unit++)
        {
            SliceRows.Forward(default, unit, logits, slice, n, v, 1, 2);
            SliceRows.Backward(default, unit, back, slice, n, v, 1, 2);
        }

        for (int i = 0; i < b * n * v; i++)
        {
            Assert.Equal(i / v % n is 1 or 2 ? logits[i] : 0, back[i]);
        }
    }

    [Fact]
    public void RmsNormMatchesGolden()
    {
        Golden golden = new("op-rms_norm");
        float[] x = golden["in.x"], dy = golden["grad.out"], y = new float[x.Length], dx = new float[x.Length];
        RmsNorm norm = new(1e-5f);
        const int c = 32;
        for (int row = 0; row < x.Length; row += c)
        {
            F32 sum = F32.Zero, back = F32.Zero;
            for (int i = row; i < row + c; i++)
            {
                sum = norm.Accumulate(sum, new F32(x[i]));
            }

            F32 statistic = norm.Finish(sum, c);
            for (int i = row; i < row + c; i++)
            {
                y[i] = norm.Apply(new F32(x[i]), statistic).Value;
                back = norm.AccumulateBackward(back, new F32(x[i]), new F32(y[i]), new F32(dy[i]));
            }

            F32 mean = norm.FinishBackward(back, c, statistic);
            for (int i = row; i < row + c; i++)
            {
                dx[i] = norm.ApplyBackward(new F32(x[i]), new F32(y[i]), new F32(dy[i]), statistic, mean).Value;
            }
        }

        Assert.InRange(Golden.Error(golden["out"], y), 0, 1e-6);
        Assert.InRange(Golden.Error(golden["grad.in.x"], dx), 0, 2e-5);
    }

    private static void Check(Func<double> loss, Ref variable, Ref gradient, int count)
    {
        const float step = 1e-2f;
        float[] numeric = new float[count];
        for (int i = 0; i < count; i++)
        {
            float value = variable[i];
            variable[i] = value + step;
            double above = loss();
            variable[i] = value - step;
            numeric[i] = (float)((above - loss()) / (2 * step));
            variable[i] = value;
        }

        Assert.InRange(Golden.Error(numeric, gradient.Span(count)), 0, Tolerance);
    }

    private static double Dot(Ref a, Ref b, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }

    private static Ref Random(int count, int seed)
    {
        Random random = new(seed);
        Ref memory = Golden.Floats(count);
        for (int i = 0; i < count; i++)
        {
            memory[i] = (float)(2 * random.NextDouble() - 1);
        }

        return memory;
    }
}
