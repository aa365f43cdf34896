using Graph.Execution;
using Graph.Lanes;
using Xunit;

namespace Graph.Tests;

public sealed class LaneTests
{
    [Fact]
    public void ExpIsWithinTwoUlpAndAlikeInAllLanes() =>
        Check(Sweep(-103, 88.7f), Math.Exp, new ExpFunction());

    [Fact]
    public void LogIsWithinTwoUlpAndAlikeInAllLanes()
    {
        Check(Sweep(0.25f, 4), Math.Log, new LogFunction());
        Check([.. Sweep(-87, 88).Select(MathF.Exp)], Math.Log, new LogFunction());
    }

    [Fact]
    public void SpecialValuesOfExpAndLog()
    {
        Assert.Equal(0, F32.Exp(new(float.NegativeInfinity)).Value);
        Assert.Equal(0, F32.Exp(new(-1000)).Value);
        Assert.Equal(1, F32.Exp(new(0)).Value);
        Assert.Equal(float.PositiveInfinity, F32.Exp(new(1000)).Value);
        Assert.True(float.IsNaN(F32.Exp(new(float.NaN)).Value));
        Assert.Equal(float.NegativeInfinity, F32.Log(new(0)).Value);
        Assert.Equal(float.PositiveInfinity, F32.Log(new(float.PositiveInfinity)).Value);
        Assert.True(float.IsNaN(F32.Log(new(-1)).Value));
        Assert.True(float.IsNaN(F32.Log(new(float.NaN)).Value));
        Assert.Equal(0, F32.Log(new(1)).Value);
    }

    [Fact]
    public void SoftplusKeepsItsSmallAndLargeEnds()
    {
        foreach (double u in new[] { -80.0, -30, -17, -5, -0.5, 0, 0.5, 3, 19.9, 20.1, 90 })
        {
            double expected = u > 20 ? u + Math.Exp(-u) : u < -15 ? Math.Exp(u) : Math.Log(1 + Math.Exp(u));
            Assert.InRange(LaneMath.Softplus(new F32((float)u)).Value / expected, 1 - 1e-6, 1 + 1e-6);
        }
    }

    [Theory]
    [InlineData(-3.1)]
    [InlineData(0.4)]
    [InlineData(2.7)]
    public void DualDerivativesMatchCentralDifferences(double at)
    {
        const double Step = 1e-5;
        double numeric = (Function(new F64(at + Step)).Value - Function(new F64(at - Step)).Value) / (2 * Step);
        Assert.Equal(numeric, Function(new Dual(at, 1)).Derivative, 1e-8);
    }

    [Fact]
    public void SumAndMaximumGoOverTheWholeLane()
    {
        using var arena = new Arena(16);
        for (int i = 0; i < 16; i++)
        {
            arena.Start[i] = i;
        }

        Assert.Equal((120f, 15f), (V512.Sum(V512.Load(arena.Start, 0)), V512.MaxAcross(V512.Load(arena.Start, 0))));
        Assert.Equal((28f, 7f), (V256.Sum(V256.Load(arena.Start, 0)), V256.MaxAcross(V256.Load(arena.Start, 0))));
        Assert.Equal((6f, 3f), (V128.Sum(V128.Load(arena.Start, 0)), V128.MaxAcross(V128.Load(arena.Start, 0))));
    }

    private static T Function<T>(T x)
        where T : struct, ILane<T>
    {
        T root = T.Sqrt(T.MulAdd(x, x, T.One));
        T bent = T.IfGreater(x, T.One, LaneMath.Silu(x), LaneMath.Softplus(-x) / root);
        return bent * LaneMath.Sigmoid(root) - T.Log(root) + T.Max(x, T.Zero) * T.Min(x, T.Of(0.5));
    }

    private static float[] Sweep(float from, float to)
    {
        var values = new float[1 << 16];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = from + (to - from) * i / values.Length;
        }

        return values;
    }

    private static void Check<TFunction>(float[] inputs, Func<double, double> exact, TFunction function)
        where TFunction : IFunction
    {
        using var x = new Arena(inputs.Length);
        inputs.CopyTo(x.Span);
        float[] scalar = Apply<F32, TFunction>(x, function);
        for (int i = 0; i < inputs.Length; i++)
        {
            double expected = exact(inputs[i]);
            double ulp = MathF.BitIncrement(MathF.Abs((float)expected)) - MathF.Abs((float)expected);
            Assert.True(Math.Abs(scalar[i] - expected) <= 2 * ulp, $"f({inputs[i]:R}) = {scalar[i]:R} instead of {expected:R}");
        }

        Assert.Equal(scalar, Apply<V128, TFunction>(x, function));
        Assert.Equal(scalar, Apply<V256, TFunction>(x, function));
        Assert.Equal(scalar, Apply<V512, TFunction>(x, function));
    }

    private static float[] Apply<T, TFunction>(Arena x, TFunction function)
        where T : struct, ISimdLane<T>
        where TFunction : IFunction
    {
        using var y = new Arena(x.Length);
        for (long i = 0; i < x.Length; i += T.Width)
        {
            T.Store(function.Of(T.Load(x.Start, i)), y.Start, i);
        }

        return y.Span.ToArray();
    }

    private interface IFunction
    {
        T Of<T>(T x)
            where T : struct, ILane<T>;
    }

    private readonly struct ExpFunction : IFunction
    {
        public T Of<T>(T x)
            where T : struct, ILane<T> => T.Exp(x);
    }

    private readonly struct LogFunction : IFunction
    {
        public T Of<T>(T x)
            where T : struct, ILane<T> => T.Log(x);
    }
}
