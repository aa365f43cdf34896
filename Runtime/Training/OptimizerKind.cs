namespace Graph.Training;

/// <summary>The optimiser of the trainable weights.</summary>
public enum OptimizerKind
{
    /// <summary><see cref="Training.AdamATan2"/>, the reference's.</summary>
    AdamATan2,

    /// <summary><see cref="Training.ScaledAdamATan2"/>, the form of lucidrains with a = 1.27.</summary>
    ScaledAdamATan2,

    /// <summary><see cref="Training.AdamW"/>.</summary>
    AdamW,
}
