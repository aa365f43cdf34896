namespace Graph.Training;

/// <summary>
/// Linear warm-up, then half a cosine down to a share of the base rate (trm.md 4.3). The shape is a factor, shared by all optimisers.
/// </summary>
/// <param name="WarmupSteps">Steps of the linear rise; 0: none.</param>
/// <param name="TotalSteps">Step at which the cosine ends.</param>
/// <param name="MinimumRatio">Factor at the end, 0 .. 1; 1 (published runs): constant after the warm-up.</param>
public readonly record struct LearningRateSchedule(long WarmupSteps, long TotalSteps, double MinimumRatio = 1)
{
    /// <summary>Factor on the base learning rate.</summary>
    /// <param name="step">1 for the first optimiser step.</param>
    public double Factor(long step)
    {
        if (step < WarmupSteps)
        {
            return (double)step / WarmupSteps;
        }

        double progress = (step - WarmupSteps) / (double)Math.Max(1, TotalSteps - WarmupSteps);
        return MinimumRatio + Math.Max(0, (1 - MinimumRatio) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }
}
