using System.Numerics;
using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class OptimizerTests
{
    [Fact]
    public void ATan2IsAccurate()
    {
        float[] sizes = [0, float.Epsilon, 1e-38f, 1e-30f, 1e-6f, 0.3f, 0.41421356f, 0.4142136f, 0.99f, 1, 1.01f, 2.4142f, 7, 1e6f, 1e30f];
        foreach (float x in sizes)
        {
            foreach (float y in sizes)
            {
                float positive = AdamATan2.ATan2(new Vector<float>(y), new Vector<float>(x))[0];
                double expected = Math.Atan2(y, x);
                Assert.True(Math.Abs(positive - expected) <= (4e-7 * expected) + 1e-44, $"atan2({y:R}, {x:R}) is {positive:R}, expected {expected:R}");
                Assert.Equal(-positive, AdamATan2.ATan2(new Vector<float>(-y), new Vector<float>(x))[0]);
            }
        }
    }

    [Theory]
    [InlineData(OptimizerKind.AdamATan2)]
    [InlineData(OptimizerKind.ScaledAdamATan2)]
    [InlineData(OptimizerKind.AdamW)]
    public void StepsMatchTheFormula(OptimizerKind kind)
    {
        const double rate = 0.01, decay = 0.1, beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8;
        IOptimizer optimizer = new TrainerOptions { TotalSteps = 1, Optimizer = kind }.CreateOptimizer(1);
        float[] weight = [0.7f];
        double w = 0.7, m = 0, v = 0;
        for (int t = 1; t <= 20; t++)
        {
            float gradient = MathF.Sin(t);
            optimizer.BeginStep(rate);
            optimizer.Update(0, weight, [gradient]);
            m += (1 - beta1) * (gradient - m);
            v += (1 - beta2) * (((double)gradient * gradient) - v);
            double root = Math.Sqrt(v) / Math.Sqrt(1 - Math.Pow(beta2, t)), correction = 1 - Math.Pow(beta1, t);
            double update = kind switch
            {
                OptimizerKind.AdamW => m / (root + epsilon) / correction,
                OptimizerKind.ScaledAdamATan2 => 1.27 * Math.Atan2(m / correction, root),
                _ => Math.Atan2(m, root) / correction,
            };
            w = (w * (1 - (rate * decay))) - (rate * update);
        }

        Assert.Equal(w, weight[0], 1e-6);
    }

    [Theory]
    [InlineData(OptimizerKind.AdamATan2)]
    [InlineData(OptimizerKind.ScaledAdamATan2)]
    [InlineData(OptimizerKind.AdamW)]
    public void AnyPartitionGivesTheSameBits(OptimizerKind kind)
    {
        const int count = 1003;
        float[] start = Values(count, 1), gradients = Values(count, 2);
        float[] whole = [.. start], parts = [.. start];
        var options = new TrainerOptions { TotalSteps = 1, Optimizer = kind };
        IOptimizer one = options.CreateOptimizer(count), many = options.CreateOptimizer(count);
        for (int step = 0; step < 3; step++)
        {
            one.BeginStep(0.01);
            one.Update(0, whole, gradients);
            many.BeginStep(0.01);
            for (int end = count; end > 0; end -= 37)
            {
                int begin = Math.Max(0, end - 37);
                many.Update(begin, parts.AsSpan(begin, end - begin), gradients.AsSpan(begin, end - begin));
            }
        }

        Assert.Equal(whole, parts);
        Assert.Equal(one.SecondMoment.ToArray(), many.SecondMoment.ToArray());
    }

    [Fact]
    public void ARateFactorIsAnotherLearningRate()
    {
        foreach (OptimizerKind kind in Enum.GetValues<OptimizerKind>())
        {
            var options = new TrainerOptions { TotalSteps = 1, Optimizer = kind };
            IOptimizer factor = options.CreateOptimizer(5), rate = options.CreateOptimizer(5);
            float[] gradients = Values(5, 1), one = Values(5, 2), other = Values(5, 2);
            factor.BeginStep(0.25);
            factor.Update(0, one, gradients, rateFactor: 0.5);
            rate.BeginStep(0.125);
            rate.Update(0, other, gradients);
            Assert.Equal(other, one);
        }
    }

    [Fact]
    public void ZeroGradientsOnlyDecay()
    {
        var optimizer = new AdamATan2(2, weightDecay: 0.5);
        float[] weights = [4, 4];
        optimizer.BeginStep(0.5);
        optimizer.Update(0, weights.AsSpan(0, 1), [0f]);
        optimizer.Update(1, weights.AsSpan(1, 1), [0f], decay: false);
        Assert.Equal([3f, 4f], weights);
    }

    [Fact]
    public void NormsClip()
    {
        float[] gradients = [.. Enumerable.Repeat(0f, 30).Append(3).Append(-4)];
        Assert.Equal(5, GradientNorm.Of(gradients));
        Assert.Equal(0.2f, GradientNorm.Scale(5, 1));
        Assert.Equal(1, GradientNorm.Scale(5, 6));
        float[] values = Values(1001, 3);
        Assert.Equal(Math.Sqrt(values.Sum(g => (double)g * g)), GradientNorm.Of(values), 1e-12);
    }

    [Fact]
    public void TheScheduleRisesThenFollowsACosine()
    {
        var schedule = new LearningRateSchedule(10, 110, 0.1);
        Assert.Equal(0.1, schedule.Factor(1), 1e-15);
        Assert.Equal(0.9, schedule.Factor(9), 1e-15);
        Assert.Equal(1, schedule.Factor(10), 1e-15);
        Assert.Equal(0.55, schedule.Factor(60), 1e-15);
        Assert.Equal(0.1, schedule.Factor(110), 1e-15);
        Assert.Equal(1, new LearningRateSchedule(0, 5).Factor(3));
    }

    [Fact]
    public void TheTableSumsDuplicatesAndDecaysOnlyItsRows()
    {
        var table = new SparseTable(4, 2);
        table.Rows.Fill(1);
        table.Update([2, 0, 2], [5f, 1f, 0f, -3f, -6f, -1f], learningRate: 0.25, weightDecay: 2);
        Assert.Equal([0.5f, 0.75f, 1, 1, 0.75f, 0.5f, 1, 1], table.Rows.ToArray());
        float[] rows = new float[4];
        table.Gather([2, 1], rows);
        Assert.Equal([0.75f, 0.5f, 1, 1], rows);
        Assert.Contains("identifier 4", Assert.Throws<GraphException>(() => table.Gather([4], rows)).Message, StringComparison.Ordinal);
        Assert.Throws<GraphException>(() => new SparseTable(int.MaxValue, 2));
    }

    [Fact]
    public void TheAverageMovesSlowlyAndSwapsBack()
    {
        float[] weights = [.. Enumerable.Repeat(1f, 19)];
        var ema = new Ema(weights, 0.75);
        Array.Fill(weights, 2f);
        ema.Update(weights);
        Assert.All(ema.Shadow.ToArray(), value => Assert.Equal(1.25f, value));
        ema.Swap(weights);
        Assert.All(weights, value => Assert.Equal(1.25f, value));
        ema.Swap(weights);
        Assert.All(weights, value => Assert.Equal(2f, value));
    }

    private static float[] Values(int count, uint slot)
    {
        var random = new CounterRandom(3, 0, slot, 0);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)random.NextNormal();
        }

        return values;
    }
}
