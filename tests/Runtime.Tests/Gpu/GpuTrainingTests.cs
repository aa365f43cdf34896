using Graph.Execution;
using Graph.Training;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The device's optimisers against those of the CPU. Tolerance 1e-6 of the largest element, four ulps of it on each of three steps; exact
/// where there is one rounding at most.
/// </summary>
public sealed class GpuTrainingTests
{
    private const double Tolerance = 1e-6;
    private const double Rate = 0.01;
    private const double Decay = 0.1;

    public static TheoryData<string, int, bool> Counts => new() { { "simulation", 37, true }, { "ptx", 37, true }, { "pocl", 10_007, true }, { "pocl", 10_007, false } };

    [Theory]
    [MemberData(nameof(Counts))]
    public void Adam_steps_equal_the_cpu(string kind, int count, bool decay)
    {
        const double Clip = 0.75;
        using var twin = new TwinMemory(kind, 1 << 17);
        Ref w = twin.Values(count), m = twin.Values(count), v = twin.Values(count), otherW = twin.Values(count), otherM = twin.Values(count), otherV = twin.Values(count);
        Ref g = twin.Values(count), scale = twin.Values([(float)Clip]);
        foreach (var moment in new[] { m, v, otherM, otherV })
        {
            moment.Span(count).Clear();
        }

        // A weight without gradient, one of each sign well above the others, and a tiny one.
        (g[0], g[1], g[2], g[3]) = (0, 8, -8, 1e-20f);
        var atan2 = new AdamATan2(count, weightDecay: Decay);
        var quotient = new AdamW(count, weightDecay: Decay);
        for (var t = 1; t <= 3; t++)
        {
            var step = t;
            twin.Run(1, 0, (worker, _, at, _) =>
            {
                if (worker.Gpu is { } queue)
                {
                    GpuAdam.ATan2(queue, at(w), at(g), at(m), at(v), count, Step(step, 0.95), decay, at(scale));
                    GpuAdam.Decoupled(queue, at(otherW), at(g), at(otherM), at(otherV), count, Step(step, 0.999), 1e-8, decay);
                    return;
                }

                atan2.BeginStep(Rate);
                atan2.Update(0, w.Span(count), g.Span(count), (float)Clip, decay);
                quotient.BeginStep(Rate);
                quotient.Update(0, otherW.Span(count), g.Span(count), 1, decay);
                atan2.FirstMoment.CopyTo(m.Span(count));
                atan2.SecondMoment.CopyTo(v.Span(count));
                quotient.FirstMoment.CopyTo(otherM.Span(count));
                quotient.SecondMoment.CopyTo(otherV.Span(count));
            });
            twin.AssertSame(Tolerance);
        }
    }

    /// <summary>What <see cref="Adam"/> computes before it queues the kernel.</summary>
    private static GpuAdamStep Step(int count, double beta2)
    {
        const double Beta1 = 0.9;
        return new((float)(1 - (Rate * Decay)), (float)(Rate / (1 - Math.Pow(Beta1, count))), (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, count))), (float)(1 - Beta1), (float)(1 - beta2));
    }

    [Theory]
    [InlineData("simulation", 300)]
    [InlineData("ptx", 300)]
    [InlineData("pocl", 7)]
    [InlineData("pocl", 200_001)]
    public void The_norm_and_the_clipping_factor_equal_the_cpu(string kind, int count)
    {
        using var twin = new TwinMemory(kind, 1 << 18);
        Ref g = twin.Values(count), scratch = twin.Values(GpuGradientNorm.Scratch), low = twin.Values(2), high = twin.Values(2);
        twin.Run(1, 0, (worker, _, at, _) =>
        {
            if (worker.Gpu is { } queue)
            {
                GpuGradientNorm.Of(queue, at(g), count, 0.5, at(scratch), at(low));
                GpuGradientNorm.Of(queue, at(g), count, double.PositiveInfinity, at(scratch), at(high));
                return;
            }

            var norm = GradientNorm.Of(g.Span(count));
            low[0] = high[0] = (float)norm;
            low[1] = GradientNorm.Scale(norm, 0.5);
            high[1] = 1;
        });
        twin.AssertSame(Tolerance, except: scratch);
    }

    [Theory]
    [InlineData("simulation", 37)]
    [InlineData("ptx", 37)]
    [InlineData("pocl", 10_007)]
    public void Fills_copies_and_averages_equal_the_cpu(string kind, int count)
    {
        using var twin = new TwinMemory(kind, 1 << 17);
        Ref filled = twin.Values(count), copied = twin.Values(count), shadow = twin.Values(count), weights = twin.Values(count);
        twin.Run(1, 0, (worker, _, at, _) =>
        {
            if (worker.Gpu is { } queue)
            {
                GpuFill.Run(queue, at(filled), count, 3);
                GpuCopy.Run(queue, at(weights), at(copied), count);
                GpuVector.Average(queue, at(shadow), at(weights), count, 0.999);
                return;
            }

            filled.Span(count).Fill(3);
            weights.Span(count).CopyTo(copied.Span(count));
            var ema = new Ema(shadow.Span(count), 0.999);
            ema.Update(weights.Span(count));
            ema.Shadow.CopyTo(shadow.Span(count));
        });
        twin.AssertSame(2e-7);
    }
}
