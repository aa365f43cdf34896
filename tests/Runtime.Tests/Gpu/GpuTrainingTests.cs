using Graph.Execution;
using Graph.Training;
using ILGPU;
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

    [Theory]
    [MemberData(nameof(GpuTest.Kinds), MemberType = typeof(GpuTest))]
    public void Continue_targets_equal_the_cpu(string kind)
    {
        const int Slots = 37;
        using var twin = new TwinMemory(kind, 1 << 10);
        Ref logits = twin.Values(2 * Slots, reach: 6), target = twin.Values([.. Enumerable.Range(0, Slots).Select(slot => slot % 3 == 0 ? 1f : 0)]);
        twin.Run(1, 0, (worker, _, at, _) =>
        {
            if (worker.Gpu is { } queue)
            {
                GpuContinueTarget.Fill(queue, at(logits), at(target), Slots);
                return;
            }

            for (var slot = 0; slot < Slots; slot++)
            {
                var logit = target[slot] == 1 ? logits[2 * slot] : Math.Max(logits[2 * slot], logits[(2 * slot) + 1]);
                target[slot] = (float)(1 / (1 + Math.Exp(-(double)logit)));
            }
        });
        twin.AssertSame(Tolerance);
    }

    /// <summary>What else moves values: one row to many, and integers that came in the bits of floats.</summary>
    [Theory]
    [MemberData(nameof(GpuTest.Kinds), MemberType = typeof(GpuTest))]
    public void Rows_and_integers_equal_the_cpu(string kind)
    {
        const int Rows = 7;
        const int Width = 5;
        using var twin = new TwinMemory(kind, 1 << 12);
        int[] integers = [3, 1 << 24, int.MinValue + 5, 0, 81]; // bits of tiny floats too, which no copy may flush
        Ref row = twin.Values(Width), filled = twin.Values(Rows * Width);
        Ref bits = twin.Values([.. integers.Select(BitConverter.Int32BitsToSingle)]), revealed = twin.Values(integers.Length);
        var copied = twin.Integers(new int[integers.Length]);
        twin.Run(1, 0, (worker, _, at, integersAt) =>
        {
            if (worker.Gpu is { } queue)
            {
                GpuFill.Rows(queue, at(filled), Rows, at(row), Width);
                GpuCopy.ToIntegers(queue, at(bits), integersAt(copied), integers.Length);
                queue.Launch(Reveal, 1, integers.Length, new GpuArguments { R0 = GpuQueue.At(integersAt(copied)), R1 = GpuQueue.At(at(revealed)) });
                return;
            }

            for (var i = 0; i < Rows * Width; i++)
            {
                filled[i] = row[i % Width];
            }

            for (var i = 0; i < integers.Length; i++)
            {
                revealed[i] = integers[i];
            }
        });
        twin.AssertSame(0);
    }

    /// <summary>Copies as bfloat16: to nearest, ties to even, and what is no number stays none.</summary>
    [Theory]
    [MemberData(nameof(GpuTest.Kinds), MemberType = typeof(GpuTest))]
    public void Rounded_copies_equal_the_cpu(string kind)
    {
        float[] values = [1, -2.5f, 1.00390625f, 1.01171875f, float.NaN, float.NegativeInfinity, float.MaxValue, 0.1f, .. Enumerable.Range(1, 16).Select(i => 1f / i)];
        using var opened = GpuTest.Open(kind, 2 * values.Length);
        opened.Queue.Upload(values, 0);
        opened.Queue.Launch(GpuBfloat16.Round, GpuGroup.Over(values.Length / GpuBfloat16.Each), GpuGroup.Full, new GpuArguments { R0 = 0, R1 = values.Length, R2 = values.Length });
        var pairs = new float[values.Length / 2];
        opened.Queue.Download(values.Length, pairs);
        Assert.Equal(values.Select(Expected), pairs.Select(BitConverter.SingleToUInt32Bits).SelectMany(pair => new[] { pair & 0xFFFF, pair >> 16 }));

        // Of equally near neighbours the even one, by way of decimals wide enough to be exact.
        static uint Expected(float value)
        {
            var below = BitConverter.SingleToUInt32Bits(value) & 0xFFFF_0000;
            if (!float.IsFinite(value))
            {
                return float.IsNaN(value) ? 0x7FFFu : below >> 16;
            }

            var above = below + 0x1_0000;
            var (down, up) = (Math.Abs(value - Value(below)), Math.Abs(value - Value(above)));
            return (down < up || (down == up && (below & 0x1_0000) == 0) ? below : above) >> 16;
        }

        // Where infinity stands, a wider exponent would have a number.
        static double Value(uint bits) => (bits & 0x7FFF_FFFF) == 0x7F80_0000 ? Math.CopySign(Math.ScaleB(1, 128), (int)bits) : BitConverter.UInt32BitsToSingle(bits);
    }

    private static void Reveal(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a) => floats[a.R1 + Group.IdxX] = integers[a.R0 + Group.IdxX];
}
