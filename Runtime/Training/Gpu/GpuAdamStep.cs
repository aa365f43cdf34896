namespace Graph.Training;

/// <summary>Scalars of one step of <see cref="GpuAdam"/>, computed in double as <see cref="Adam"/> does.</summary>
/// <param name="Keep">Factor of the weights: 1 - learning rate · weight decay.</param>
/// <param name="Size">Learning rate over the first moment's bias correction.</param>
/// <param name="Root">1 over the root of the second moment's bias correction.</param>
/// <param name="Rate1">1 - β₁.</param>
/// <param name="Rate2">1 - β₂.</param>
internal readonly record struct GpuAdamStep(float Keep, float Size, float Root, float Rate1, float Rate2);
