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

    /// <summary>Parameters without decay or with a learning rate of their own; empty: all alike, as in the reference.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; init; } = [];

    /// <summary>Batches of the model's size that make one update: the run has this many times the model's slots, and the update of a batch as large.</summary>
    public int MicroBatches { get; init; } = 1;

    /// <summary>Supervision steps that every slot takes before the weights move.</summary>
    public int SupervisionSteps { get; init; } = 1;

    /// <summary>First steps in which only the puzzle table moves; <see cref="TotalSteps"/> or more: all run.</summary>
    public long FrozenTrunkSteps { get; init; }

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

    /// <summary>Passes with gradient that make one update.</summary>
    internal int Parts => MicroBatches * SupervisionSteps;

    internal void Check()
    {
        Require.Range("number of micro-batches", MicroBatches, 1, 1 << 16);
        Require.Range("number of supervision steps an update", SupervisionSteps, 1, 1 << 10);
        Require.Range("number of training steps", TotalSteps, 1, MaxSteps / SupervisionSteps);
        Require.Range("number of frozen trunk steps", FrozenTrunkSteps, 0, long.MaxValue);
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
        OptimizerKind.ScaledAdamATan2 => new ScaledAdamATan2(count, Beta1, Beta2, WeightDecay),
        _ => new AdamATan2(count, Beta1, Beta2, WeightDecay),
    };
}
