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

    public static TheoryData<string, int, bool> Counts => new() { { "simulation", 37, true }, { "ptx", 37, true }, { "pocl", 10_007, true }, { "pocl", 10_007, false } };

    [Theory]
    [MemberData(nameof(Counts))]
    public void Adam_steps_equal_the_cpu(string kind, int count, bool decay)
    {
        const double Rate = 0.01, Decay = 0.1, Clip = 0.75;
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
                    GpuAdam.ATan2(queue, at(w), at(g), at(m), at(v), count, GpuAdamStep.Of(step, Rate, 0.9, 0.95, Decay), decay, at(scale));
                    GpuAdam.Decoupled(queue, at(otherW), at(g), at(otherM), at(otherV), count, GpuAdamStep.Of(step, Rate, 0.9, 0.999, Decay), 1e-8, decay);
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
    public void Fills_scales_and_averages_equal_the_cpu(string kind, int count)
    {
        using var twin = new TwinMemory(kind, 1 << 17);
        Ref filled = twin.Values(count), scaled = twin.Values(count), shadow = twin.Values(count), weights = twin.Values(count);
        twin.Run(1, 0, (worker, _, at, _) =>
        {
            if (worker.Gpu is { } queue)
            {
                GpuFill.Run(queue, at(filled), count, 3);
                GpuVector.Scale(queue, at(scaled), count, 0.3f);
                GpuVector.Average(queue, at(shadow), at(weights), count, 0.999);
                return;
            }

            filled.Span(count).Fill(3);
            foreach (ref var value in scaled.Span(count))
            {
                value *= 0.3f;
            }

            var ema = new Ema(shadow.Span(count), 0.999);
            ema.Update(weights.Span(count));
            ema.Shadow.CopyTo(shadow.Span(count));
        });
        twin.AssertSame(2e-7);
    }

    [Theory]
    [InlineData("simulation", 5, 4, 7)]
    [InlineData("ptx", 5, 4, 7)]
    [InlineData("pocl", 100, 64, 700)]
    [InlineData("pocl", 9, 40, 33)]
    public void Steps_of_the_table_equal_the_cpu(string kind, int rows, int slots, int width)
    {
        using var twin = new TwinMemory(kind, 1 << 18, slots);
        var random = new Random(6);
        var ids = twin.Integers([.. Enumerable.Range(0, slots).Select(i => i == 1 ? 2 : random.Next(rows)).Select((id, i) => i == slots - 1 ? 2 : id)]);
        Ref table = twin.Values(rows * width), gradients = twin.Values(slots * width), gathered = twin.Values(slots * width);
        gradients.Span(width).Clear();
        var cpu = new SparseTable(rows, width);
        table.Span(rows * width).CopyTo(cpu.Rows);
        twin.Run(1, 0, (worker, _, at, integers) =>
        {
            if (worker.Gpu is { } queue)
            {
                GpuSparseTable.Update(queue, at(table), width, integers(ids), slots, at(gradients), 0.01, 0.1);
                GpuSparseTable.Gather(queue, at(table), width, integers(ids), slots, at(gathered));
                return;
            }

            cpu.Update(ids.Span(slots), gradients.Span(slots * width), 0.01, 0.1);
            cpu.Rows.CopyTo(table.Span(rows * width));
            cpu.Gather(ids.Span(slots), gathered.Span(slots * width));
        });
        twin.AssertSame(2e-7);
    }
}
