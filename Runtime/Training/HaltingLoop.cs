namespace Graph.Training;

/// <summary>
/// When a slot halts in training (trm.md 3.1): at the last step in any case, else where the halting logit is above 0 and the slot has
/// spent its minimum number of steps. The minimum is redrawn for every slot in every step, so it is no per-sample minimum.
/// </summary>
public sealed class HaltingLoop
{
    private const ushort Stream = 2;

    private readonly int _maxSteps;
    private readonly double _exploration;
    private readonly ulong _seed;
    private readonly Func<long, int, int>? _minimumSteps;

    /// <param name="options">The run's settings.</param>
    public HaltingLoop(TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _maxSteps = options.HaltMaxSteps;
        _exploration = options.ExplorationProbability;
        _seed = options.Seed;
        _minimumSteps = options.MinimumSteps;
    }

    /// <summary>Counts a supervision step on every slot and decides which halt.</summary>
    /// <param name="carry">Steps and halted flags are updated.</param>
    /// <param name="halt">Logits [batch, 2]; column 0: halt.</param>
    /// <param name="step">Training step, 1 for the first.</param>
    public void Advance(Carry carry, ReadOnlySpan<float> halt, long step)
    {
        ArgumentNullException.ThrowIfNull(carry);
        for (int slot = 0; slot < carry.Batch; slot++)
        {
            int steps = ++carry.Steps[slot];
            bool halts = steps >= _maxSteps;
            if (!halts && halt[2 * slot] > 0)
            {
                halts = steps >= MinimumSteps(step, slot);
            }

            carry.Halted[slot] = halts;
        }
    }

    /// <summary>The minimum drawn for a slot in a step; 0: none. Depends on nothing but seed, step and slot.</summary>
    public int MinimumSteps(long step, int slot)
    {
        if (_minimumSteps is not null)
        {
            return _minimumSteps(step, slot);
        }

        var random = new CounterRandom(_seed, step, (uint)slot, Stream);
        return _maxSteps >= 2 && random.NextDouble() < _exploration ? random.NextInt(2, _maxSteps) : 0;
    }
}
