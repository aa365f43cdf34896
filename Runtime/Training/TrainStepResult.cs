namespace Graph.Training;

/// <summary>What one training step reports. Losses are sums over all slots and supervision steps of the
/// update, before the scale to the mean (trm.md 2.3, 2.5).</summary>
/// <param name="Step">1 for the first step.</param>
/// <param name="LearningRate">Rate of the trainable weights in this step.</param>
/// <param name="Loss">Language loss + 0.5 · (halting loss + continue loss).</param>
/// <param name="LmLoss">Sum over samples of the mean cross entropy of their labelled cells, in nats.</param>
/// <param name="HaltLoss">Sum over samples of the binary cross entropy of the halting head.</param>
/// <param name="Count">Slots that halted in this step and have labels; the sums below are over these.</param>
/// <param name="Accuracy">Sum of the shares of labelled cells that are right.</param>
/// <param name="Exact">Number of samples that are right in every labelled cell.</param>
/// <param name="HaltAccuracy">Number of samples whose halting logit has the right sign (0 counts as positive).</param>
/// <param name="Steps">Sum of the supervision steps taken.</param>
/// <param name="GradientNorm">Norm before clipping; 0 where clipping is off.</param>
public readonly record struct TrainStepResult(
    long Step,
    double LearningRate,
    double Loss,
    double LmLoss,
    double HaltLoss,
    int Count,
    double Accuracy,
    int Exact,
    int HaltAccuracy,
    long Steps,
    double GradientNorm)
{
    /// <summary>Sum over samples of the binary cross entropy of the continue head; 0 for a model without one.</summary>
    public double ContinueLoss { get; init; }
}
