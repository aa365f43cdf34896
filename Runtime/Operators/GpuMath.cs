using ILGPU;

namespace Graph.Operators;

/// <summary>
/// Exponential and logarithm in float64 out of additions and products: ILGPU has none of its own for CUDA, and its float32 logarithm
/// there is an approximation that is poor near 1, where losses end.
/// </summary>
internal static class GpuMath
{
    private const double Ln2 = 0.693147180559945309;

    /// <summary>e^x for x of at most 700, relative error below 1e-13; 0 below -700.</summary>
    public static double Exp(double x)
    {
        if (x < -700)
        {
            return 0;
        }

        var scaled = x * 1.44269504088896341;
        var power = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        var r = x - (power * Ln2);
        var sum = 1 + (r / 12);
        for (var i = 11; i > 0; i--)
        {
            sum = 1 + (r * sum / i);
        }

        return sum * Interop.IntAsFloat((ulong)(power + 1023) << 52);
    }

    /// <summary>ln x for normal x ≥ 0, absolute error below 1e-13; NaN and infinity as in <see cref="Math.Log(double)"/>.</summary>
    public static double Log(double x)
    {
        if (!(x > 0 && x <= double.MaxValue))
        {
            return x - (1 / x);
        }

        var bits = Interop.FloatAsInt(x);
        var power = (int)(bits >> 52) - 1023;
        var m = Interop.IntAsFloat((bits & 0xFFFFFFFFFFFFFUL) | 0x3FF0000000000000UL);
        if (m > 1.41421356237309505)
        {
            m *= 0.5;
            power++;
        }

        // ln m = 2 artanh f with |f| < 0.172.
        var f = (m - 1) / (m + 1);
        var z = f * f;
        var sum = 1.0 / 19;
        for (var i = 17; i > 0; i -= 2)
        {
            sum = (1.0 / i) + (z * sum);
        }

        return (power * Ln2) + (2 * f * sum);
    }
}
