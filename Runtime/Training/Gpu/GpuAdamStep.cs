namespace Graph.Training;

/// <summary>Scalars of one step of <see cref="GpuAdam"/>, computed in double as <see cref="Adam"/> does.</summary>
/// <param name="Keep">Factor of the weights: 1 - learning rate · weight decay.</param>
/// <param name="Size">Learning rate over the first moment's bias correction.</param>
/// <param name="Root">1 over the root of the second moment's bias correction.</param>
/// <param name="Rate1">1 - β₁.</param>
/// <param name="Rate2">1 - β₂.</param>
internal readonly record struct GpuAdamStep(float Keep, float Size, float Root, float Rate1, float Rate2)
{
    /// <summary>The scalars of step <paramref name="count"/>, counted from 1.</summary>
    public static GpuAdamStep Of(long count, double learningRate, double beta1, double beta2, double weightDecay) => new(
        (float)(1 - (learningRate * weightDecay)),
        (float)(learningRate / (1 - Math.Pow(beta1, count))),
        (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, count))),
        (float)(1 - beta1),
        (float)(1 - beta2));
}
