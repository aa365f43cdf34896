namespace Graph.Training;

/// <summary>How many of a number of trials succeeded.</summary>
/// <param name="Successes">0 to <paramref name="Trials"/>; not whole where a trial can succeed in part.</param>
/// <param name="Trials">0 or more.</param>
public readonly record struct Share(double Successes, long Trials)
{
    /// <summary>0 to 1; 0 without trials.</summary>
    public double Value => Trials == 0 ? 0 : Successes / Trials;

    /// <summary>The Wilson interval that covers the true share in 95 % of all samples.</summary>
    public WilsonInterval Interval95 => WilsonInterval.Of(Successes, Trials);
}
