using System.Text;
using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// Starts a model's weights and initial state rows (trm.md 1.2, mamba2.md 1.2). Each tensor has its own random sequence, keyed by
/// (seed, name): adding or removing a parameter leaves all others as they were.
/// </summary>
public static class Initializer
{
    private const ushort Stream = 1;

    /// <summary>erf(√2): half the probability mass inside ±2 sigmas, doubled.</summary>
    private const double Mass = 0.9544997361036416;

    /// <summary>1 / (standard deviation of a unit normal cut at ±2), so that the requested deviation holds after the cut.</summary>
    private const double Correction = 1.1368472343385565;

    /// <summary>Fills all weights and initial state rows; the model packs its matrices again.</summary>
    public static void Fill(RecursiveModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach (Parameter parameter in model.Parameters)
        {
            Fill(parameter, model.Weights.Slice(checked((int)parameter.Offset), checked((int)parameter.Count)), seed);
        }

        foreach (StatePort state in model.States)
        {
            CounterRandom random = ForName(seed, state.InitName);
            TruncatedNormal(ref random, 1, state.InitRow);
        }

        model.WeightsChanged();
    }

    /// <summary>Fills one parameter.</summary>
    public static void Fill(Parameter parameter, Span<float> values, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        CounterRandom random = ForName(seed, parameter.Name);
        double scale = 1 / Math.Sqrt(parameter.FanIn);
        switch (parameter.Init)
        {
            case Init.Zeros:
                values.Clear();
                break;
            case Init.Ones:
                values.Fill(1);
                break;
            case Init.HaltBias:
                values.Fill(-5);
                break;
            case Init.TruncatedNormal:
                TruncatedNormal(ref random, scale, values);
                break;
            case Init.Uniform:
                foreach (ref float value in values)
                {
                    value = (float)random.NextDouble(-scale, scale);
                }

                break;
            case Init.LogUniform1To16:
                foreach (ref float value in values)
                {
                    value = (float)Math.Log(random.NextDouble(1, 16));
                }

                break;
            case Init.TimeStepBias:
                foreach (ref float value in values)
                {
                    // Inverse softplus of a log-uniform step. The reference's floor of 1e-4 lies below the range.
                    double step = Math.Exp(random.NextDouble(Math.Log(1e-3), Math.Log(1e-1)));
                    value = (float)Math.Log(Math.Exp(step) - 1);
                }

                break;
            default:
                throw new ArgumentException($"Parameter '{parameter.Name}' has an unknown initialisation {parameter.Init}.", nameof(parameter));
        }
    }

    /// <summary>
    /// Normal cut at ±2 sigmas, rescaled to deviation <paramref name="std"/>: √2·std·corr·erfinv(u) with u uniform in ±erf(√2),
    /// which is std·corr times the normal quantile of (1 + u) / 2.
    /// </summary>
    internal static void TruncatedNormal(ref CounterRandom random, double std, Span<float> values)
    {
        double scale = std * Correction;
        foreach (ref float value in values)
        {
            double u = random.NextDouble(-Mass, Mass);
            value = (float)(scale * Math.Clamp(NormalQuantile(u / 2), -2, 2));
        }
    }

    /// <summary>
    /// Inverse of the normal distribution at 0.5 + <paramref name="q"/>, |q| below 0.4772: the two central branches of algorithm AS 241
    /// (Wichura, Applied Statistics 37, 1988), relative error about 1e-16.
    /// </summary>
    internal static double NormalQuantile(double q)
    {
        if (Math.Abs(q) <= 0.425)
        {
            double r = 0.180625 - (q * q);
            return q * Polynomial(r, 2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4, 4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3, 1.3314166789178437745e+2, 3.3871328727963666080e+0)
                / Polynomial(r, 5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1);
        }

        double t = Math.Sqrt(-Math.Log(0.5 - Math.Abs(q))) - 1.6;
        double x = Polynomial(t, 7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0, 4.63033784615654529590e+0, 1.42343711074968357734e+0)
            / Polynomial(t, 1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1);
        return q < 0 ? -x : x;
    }

    private static double Polynomial(double x, params ReadOnlySpan<double> highestFirst)
    {
        double sum = 0;
        foreach (double coefficient in highestFirst)
        {
            sum = (sum * x) + coefficient;
        }

        return sum;
    }

    /// <summary>The low 48 bits of FNV-1a of the name take the place of the step.</summary>
    private static CounterRandom ForName(ulong seed, string name)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            hash = unchecked((hash ^ b) * 1099511628211);
        }

        return new CounterRandom(seed, (long)(hash & 0xFFFF_FFFF_FFFF), 0, Stream);
    }
}
