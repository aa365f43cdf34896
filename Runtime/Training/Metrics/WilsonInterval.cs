namespace Graph.Training;

/// <summary>
/// The score interval of a share (E. B. Wilson, 1927, without continuity correction): the true shares from which the observed one is
/// at most z standard errors away. Unlike p ± z·√(p(1-p)/n) it stays inside 0 to 1 and has a width at shares of 0 and 1.
/// </summary>
/// <param name="Low">Lower bound, 0 to 1.</param>
/// <param name="High">Upper bound, 0 to 1.</param>
public readonly record struct WilsonInterval(double Low, double High)
{
    /// <summary>The two-sided 95 % quantile of the normal distribution.</summary>
    public const double Z95 = 1.959963984540054;

    /// <param name="successes">0 to <paramref name="trials"/>; not whole where trials earn partial credit, which makes the interval wider than need be.</param>
    /// <param name="trials">Independent trials; 0 gives the interval 0 to 1, for nothing is known.</param>
    /// <param name="z">Half-width in standard errors.</param>
    public static WilsonInterval Of(double successes, long trials, double z = Z95)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trials);
        if (!(successes >= 0 && successes <= trials))
        {
            throw new ArgumentOutOfRangeException(nameof(successes), successes, $"Expected 0 to {trials}.");
        }

        if (trials == 0)
        {
            return new WilsonInterval(0, 1);
        }

        double share = successes / trials;
        double spread = z * z / trials;
        double centre = (share + (spread / 2)) / (1 + spread);
        double half = Math.Sqrt((share * (1 - share) * spread) + (spread * spread / 4)) / (1 + spread);

        // At shares of 0 and 1 the bound is exact; rounding must not push it out.
        return new WilsonInterval(successes == 0 ? 0 : Math.Max(0, centre - half), successes == trials ? 1 : Math.Min(1, centre + half));
    }
}
