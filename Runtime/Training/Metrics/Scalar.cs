namespace Graph.Training;

/// <summary>A named number of one step, as <see cref="MetricsLog"/> and <see cref="TensorBoardLog"/> record it.</summary>
/// <param name="Name">A name in snake_case; TensorBoard groups names by what is before a slash.</param>
/// <param name="Value">Any number; not-a-number and the infinities are recorded too, so that a diverged run can be seen.</param>
public readonly record struct Scalar(string Name, double Value);
