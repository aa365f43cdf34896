namespace Graph.Training;

/// <summary>Hyper-parameters of a run; the defaults are those of TRM's published runs (trm.md 4, 7.1).</summary>
public sealed record TrainerOptions
{
    /// <summary>Random numbers are keyed by a step of 48 bits.</summary>
    internal const long MaxSteps = 1L << 47;

    /// <summary>Optimiser steps of the run; it stops exactly there.</summary>
    public required long TotalSteps { get; init; }

    public OptimizerKind Optimizer { get; init; }

    /// <summary>Base rate of the trainable weights.</summary>
    public double LearningRate { get; init; } = 1e-4;

    public double WeightDecay { get; init; } = 0.1;

    public double Beta1 { get; init; } = 0.9;

    public double Beta2 { get; init; } = 0.95;

    /// <summary>AdamW only.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Says by parameter name what weight decay applies to; null: everything, as the reference does.</summary>
    public Func<string, bool>? Decays { get; init; }

    /// <summary>Largest gradient norm; 0: no clipping.</summary>
    public double ClipNorm { get; init; }

    public long WarmupSteps { get; init; } = 2000;

    /// <summary>Learning rate at the end as a share of the base rate.</summary>
    public double MinimumLearningRateRatio { get; init; } = 1;

    /// <summary>Rows of the puzzle table; ignored by a model without a <c>puzzle</c> input.</summary>
    public int PuzzleIdentifiers { get; init; } = 1;

    public double PuzzleLearningRate { get; init; } = 1e-4;

    public double PuzzleWeightDecay { get; init; } = 0.1;

    /// <summary>μ of the weight average; 0: none.</summary>
    public double EmaRate { get; init; } = 0.999;

    /// <summary>Supervision steps after which a slot halts in any case.</summary>
    public int HaltMaxSteps { get; init; } = 16;

    /// <summary>Chance, per slot and step, to forbid halting before a random step.</summary>
    public double ExplorationProbability { get; init; } = 0.1;

    /// <summary>Replaces the random minimum number of steps of (step, slot); 0: no minimum. For replaying recorded runs.</summary>
    public Func<long, int, int>? MinimumSteps { get; init; }

    public ulong Seed { get; init; }

    internal void Check()
    {
        Require.Range("number of training steps", TotalSteps, 1, MaxSteps);
        Require.Range("learning rate", LearningRate, 0, 1e3);
        Require.Range("gradient norm limit", ClipNorm, 0, double.MaxValue);
        Require.Range("number of warm-up steps", WarmupSteps, 0, long.MaxValue);
        Require.Range("minimum learning rate ratio", MinimumLearningRateRatio, 0, 1);
        Require.Range("puzzle learning rate", PuzzleLearningRate, 0, 1e3);
        Require.Range("puzzle weight decay", PuzzleWeightDecay, 0, double.MaxValue);
        Require.Range("largest number of supervision steps", HaltMaxSteps, 1, int.MaxValue - 1);
        Require.Range("exploration probability", ExplorationProbability, 0, 1);
    }

    internal IOptimizer CreateOptimizer(int count) => Optimizer switch
    {
        OptimizerKind.AdamW => new AdamW(count, Beta1, Beta2, WeightDecay, Epsilon),
        _ => new AdamATan2(count, Beta1, Beta2, WeightDecay),
    };
}
