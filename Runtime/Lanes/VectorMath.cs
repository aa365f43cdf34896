using System.Runtime.CompilerServices;

namespace Graph.Lanes;

/// <summary>
/// Exp and log of float32, written once over the lane: every lane does the same operations in the same order, so an
/// element has the same bits in all of them. The polynomials are those of Cephes (expf, logf).
/// </summary>
internal static class VectorMath
{
    public const int MantissaBits = 23;

    public const int MantissaMask = (1 << MantissaBits) - 1;

    /// <summary>The bits of sqrt(1/2).</summary>
    public const int RootHalfBits = 0x3F3504F3;

    /// <summary>1.5 * 2^23: adding it rounds to an integer, which is then in the low mantissa bits.</summary>
    private const float Round = 12582912;

    private const float ExponentBias = 127;

    /// <summary>Below the first bound the result is 0, above the second infinite; between them 2^n needs two factors.</summary>
    private const float Lowest = -104;

    private const float Highest = 89;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp<T>(T a)
        where T : struct, IFloatBits<T>
    {
        // The clamped value is the second operand: x86 then lets NaN through.
        T x = T.Min(T.Of(Highest), T.Max(T.Of(Lowest), a));
        T round = T.Of(Round);
        T n = T.MulAdd(x, T.Of(1.44269504088896341f), round) - round;
        T r = T.MulAdd(n, T.Of(-0.693359375f), x);
        r = T.MulAdd(n, T.Of(2.12194440e-4f), r);
        T p = T.Of(1.9875691500e-4f);
        p = T.MulAdd(p, r, T.Of(1.3981999507e-3f));
        p = T.MulAdd(p, r, T.Of(8.3334519073e-3f));
        p = T.MulAdd(p, r, T.Of(4.1665795894e-2f));
        p = T.MulAdd(p, r, T.Of(1.6666665459e-1f));
        p = T.MulAdd(p, r, T.Of(5.0000001201e-1f));
        p = T.MulAdd(p, r * r, r) + T.One;
        return T.Scale(p, n);
    }

    /// <summary>p * 2^n in two factors: each is a normal number, and only the second product rounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T ScaleTwice<T>(T p, T n)
        where T : struct, IFloatBits<T>
    {
        T round = T.Of(Round);
        T half = T.MulAdd(n, T.Of(0.5), round) - round;
        return p * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Log<T>(T a)
        where T : struct, IFloatBits<T>
    {
        T e = T.Exponent(a);
        T x = T.Mantissa(a) - T.One;
        T z = x * x;
        T p = T.Of(7.0376836292e-2f);
        p = T.MulAdd(p, x, T.Of(-1.1514610310e-1f));
        p = T.MulAdd(p, x, T.Of(1.1676998740e-1f));
        p = T.MulAdd(p, x, T.Of(-1.2420140846e-1f));
        p = T.MulAdd(p, x, T.Of(1.4249322787e-1f));
        p = T.MulAdd(p, x, T.Of(-1.6668057665e-1f));
        p = T.MulAdd(p, x, T.Of(2.0000714765e-1f));
        p = T.MulAdd(p, x, T.Of(-2.4999993993e-1f));
        p = T.MulAdd(p, x, T.Of(3.3333331174e-1f));
        T y = T.MulAdd(e, T.Of(-2.12194440e-4f), p * x * z);
        y = T.MulAdd(z, T.Of(-0.5), y);
        T log = T.MulAdd(e, T.Of(0.693359375f), x + y);

        // Zero, negative, infinite and NaN arguments: -inf, NaN, inf, NaN.
        T infinite = T.Of(double.PositiveInfinity);
        T positive = T.IfGreater(infinite, a, log, a);
        T special = T.IfGreater(T.Zero, a, T.Of(double.NaN), -infinite);
        return T.IfGreater(a, T.Zero, positive, T.IfGreater(T.One, a, special, a));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T PowerOfTwo<T>(T n)
        where T : struct, IFloatBits<T> => T.ToExponent(n + T.Of(Round + ExponentBias));
}
