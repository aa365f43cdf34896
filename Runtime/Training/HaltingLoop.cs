namespace Graph.Training;

/// <summary>
/// When a slot halts in training (trm.md 3.1): at the last step in any case, else where the halting logit is above 0 (above the continue
/// logit, in a model that trains one) and the slot has spent its minimum number of steps. The minimum is redrawn for every slot in every step, so it is no per-sample minimum.
/// </summary>
public sealed class HaltingLoop
{
    private const ushort Stream = 2;

    private readonly int _maxSteps;
    private readonly double _exploration;
    private readonly ulong _seed;
    private readonly Func<long, int, int>? _minimumSteps;
    private readonly bool _continues;

    /// <param name="options">The run's settings.</param>
    /// <param name="continues">True: the model trains the continue logit, so that it can be compared with.</param>
    public HaltingLoop(TrainerOptions options, bool continues = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        _maxSteps = options.HaltMaxSteps;
        _exploration = options.ExplorationProbability;
        _seed = options.Seed;
        _minimumSteps = options.MinimumSteps;
        _continues = continues;
    }

    /// <summary>Counts a supervision step on the slots of one batch and decides which halt.</summary>
    /// <param name="carry">Steps and halted flags are updated.</param>
    /// <param name="halt">Logits [batch, 2]; column 0: halt, column 1: continue.</param>
    /// <param name="step">Supervision step of the run, 1 for the first.</param>
    /// <param name="first">Slot of the batch's first row.</param>
    public void Advance(Carry carry, ReadOnlySpan<float> halt, long step, int first = 0)
    {
        ArgumentNullException.ThrowIfNull(carry);
        for (int row = 0; row < halt.Length / 2; row++)
        {
            int slot = first + row;
            int steps = ++carry.Steps[slot];
            bool halts = steps >= _maxSteps;
            if (!halts && halt[2 * row] > (_continues ? halt[(2 * row) + 1] : 0))
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
