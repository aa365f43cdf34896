using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// Deep-supervision training (trm.md 3.1): one optimiser step is one supervision step on whatever every slot carries; slots that halted
/// take the row of the same index from the next batch, the other rows are discarded. A warmed-up step allocates nothing.
/// </summary>
/// <remarks>Initialise or load the model's weights first: the weight average starts from the weights the constructor finds.</remarks>
public sealed class Trainer
{
    private const double HaltWeight = 0.5;

    /// <summary>Elements that a unit of <see cref="UpdateRange"/> takes: whole lanes, small enough to balance.</summary>
    private const int RangeLength = 1 << 16;

    private readonly ModelPorts _ports;
    private readonly LearningRateSchedule _schedule;
    private readonly HaltingLoop _halting;
    private readonly (int Offset, int Length, bool Decays)[] _ranges;
    private readonly CpuExecutor? _executor;

    /// <param name="model">The model to train; not disposed here.</param>
    /// <param name="options">Hyper-parameters.</param>
    /// <exception cref="GraphException">A hyper-parameter is out of range, or the model lacks a node that training needs.</exception>
    public Trainer(RecursiveModel model, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        Model = model;
        Options = options;
        _ports = new ModelPorts(model);
        _schedule = new LearningRateSchedule(options.WarmupSteps, options.TotalSteps, options.MinimumLearningRateRatio);
        _halting = new HaltingLoop(options);
        _ranges = [.. model.Parameters.SelectMany(p => Ranges(checked((int)p.Offset), checked((int)p.Count), options.Decays?.Invoke(p.Name) ?? true))];
        _executor = (model as CompiledProgram)?.Executor as CpuExecutor;
        Carry = new Carry(model.Batch, _ports.Cells);
        Optimizer = options.CreateOptimizer(model.Weights.Length);
        Ema = options.EmaRate == 0 ? null : new Ema(model.Weights, options.EmaRate);
        Puzzles = _ports.PuzzleWidth == 0 ? null : new SparseTable(options.PuzzleIdentifiers, _ports.PuzzleWidth);
    }

    public RecursiveModel Model { get; }

    public TrainerOptions Options { get; }

    public Carry Carry { get; }

    public IOptimizer Optimizer { get; }

    /// <summary>Null: averaging is off.</summary>
    public Ema? Ema { get; }

    /// <summary>Null: the model has no <c>puzzle</c> input.</summary>
    public SparseTable? Puzzles { get; }

    /// <summary>Steps taken so far.</summary>
    public long StepCount { get; internal set; }

    public bool Finished => StepCount >= Options.TotalSteps;

    /// <summary>True while the model holds the averaged weights.</summary>
    public bool Averaged { get; private set; }

    /// <summary>One training step.</summary>
    /// <param name="tokens">[batch, cells].</param>
    /// <param name="labels">[batch, cells]; -100: no label.</param>
    /// <param name="puzzleIds">[batch]; empty for a model without puzzle vectors.</param>
    /// <exception cref="GraphException">The loss is not finite, or a token, label or puzzle identifier is out of range. Weights are then unchanged.</exception>
    /// <exception cref="InvalidOperationException">The run is finished, or the model holds averaged weights.</exception>
    public TrainStepResult Step(ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> puzzleIds)
    {
        if (Finished || Averaged)
        {
            throw new InvalidOperationException(Finished ? $"The run ended after {Options.TotalSteps} steps." : "The model holds averaged weights.");
        }

        CheckBatch(tokens, labels, puzzleIds);
        Refill(tokens, labels, puzzleIds);
        LoadInputs();
        Model.Step(gradient: true, lossScale: 1f / Model.Batch);

        double lmLoss = ModelPorts.Sum(Model.Floats(_ports.Loss));
        double haltLoss = ModelPorts.Sum(Model.Floats(_ports.HaltLoss));
        double loss = lmLoss + (HaltWeight * haltLoss);
        if (!double.IsFinite(loss))
        {
            throw new GraphException($"The loss is {loss} in step {StepCount + 1}: the run has diverged.");
        }

        StepCount++;
        double factor = _schedule.Factor(StepCount);
        _halting.Advance(Carry, Model.Floats(_ports.Halt), StepCount);
        TrainStepResult result = Measure() with
        {
            Step = StepCount,
            LearningRate = Options.LearningRate * factor,
            Loss = loss,
            LmLoss = lmLoss,
            HaltLoss = haltLoss,
            GradientNorm = Optimize(factor),
        };
        return result;
    }

    /// <summary>Puts the averaged weights into the model until the result is disposed; without averaging nothing changes.</summary>
    public AveragedWeights UseAveraged()
    {
        if (Averaged)
        {
            throw new InvalidOperationException("The model already holds averaged weights.");
        }

        Exchange();
        return new AveragedWeights(this);
    }

    internal void Exchange()
    {
        if (Ema is not null)
        {
            Ema.Swap(Model.Weights);
            Model.WeightsChanged();
            Averaged = !Averaged;
        }
    }

    internal void CheckTokens(ReadOnlySpan<int> tokens) => _ports.CheckTokens(tokens);

    internal void CheckLabels(ReadOnlySpan<int> labels) => _ports.CheckLabels(labels);

    private void CheckBatch(ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> puzzleIds)
    {
        int expected = Carry.Batch * Carry.Cells;
        if (tokens.Length != expected || labels.Length != expected)
        {
            throw new ArgumentException($"A batch has {tokens.Length} tokens and {labels.Length} labels; expected {Carry.Batch} x {Carry.Cells} of each.", nameof(tokens));
        }

        if (puzzleIds.Length != Carry.Batch && !(puzzleIds.IsEmpty && Puzzles is null))
        {
            throw new ArgumentException($"A batch has {puzzleIds.Length} puzzle identifiers; expected {Carry.Batch}.", nameof(puzzleIds));
        }

        _ports.CheckTokens(tokens);
        _ports.CheckLabels(labels);
    }

    private void Refill(ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> puzzleIds)
    {
        for (int slot = 0; slot < Carry.Batch; slot++)
        {
            if (Carry.Halted[slot])
            {
                Carry.Take(slot, tokens, labels, puzzleIds);
                _ports.ResetState(slot);
            }
        }
    }

    private void LoadInputs()
    {
        Carry.Tokens.CopyTo(Model.Ints(_ports.Tokens));
        Carry.Labels.CopyTo(Model.Ints(_ports.Labels));
        if (Puzzles is not null)
        {
            Puzzles.Gather(Carry.PuzzleIds, Model.Floats(_ports.Puzzle!));
        }
    }

    /// <summary>Returns the gradient norm, 0 where clipping is off.</summary>
    private double Optimize(double factor)
    {
        double norm = 0;
        float scale = 1;
        if (Options.ClipNorm > 0)
        {
            norm = GradientNorm.Of(Model.Gradients);
            scale = GradientNorm.Scale(norm, Options.ClipNorm);
        }

        Optimizer.BeginStep(Options.LearningRate * factor);
        var update = new UpdateRange(this, scale);
        if (_executor is not null)
        {
            _executor.Run(update, _ranges.Length);
        }
        else
        {
            for (int i = 0; i < _ranges.Length; i++)
            {
                update.Run(default, i);
            }
        }

        Puzzles?.Update(Carry.PuzzleIds, Model.GradientOf(_ports.Puzzle!), Options.PuzzleLearningRate * factor, Options.PuzzleWeightDecay);
        Model.WeightsChanged();
        return norm;
    }

    private static IEnumerable<(int Offset, int Length, bool Decays)> Ranges(int offset, int count, bool decays)
    {
        for (int first = 0; first < count; first += RangeLength)
        {
            yield return (offset + first, Math.Min(RangeLength, count - first), decays);
        }
    }

    private TrainStepResult Measure()
    {
        ReadOnlySpan<float> accuracy = Model.Floats(_ports.Accuracy);
        ReadOnlySpan<float> exact = Model.Floats(_ports.Exact);
        ReadOnlySpan<float> halt = Model.Floats(_ports.Halt);
        TrainStepResult sums = default;
        for (int slot = 0; slot < Carry.Batch; slot++)
        {
            if (!Carry.Halted[slot] || !Carry.Labels.Slice(slot * Carry.Cells, Carry.Cells).ContainsAnyExcept(ModelPorts.Ignored))
            {
                continue;
            }

            bool right = exact[slot] > 0.5f;
            sums = sums with
            {
                Count = sums.Count + 1,
                Accuracy = sums.Accuracy + accuracy[slot],
                Exact = sums.Exact + (right ? 1 : 0),
                HaltAccuracy = sums.HaltAccuracy + ((halt[2 * slot] >= 0) == right ? 1 : 0),
                Steps = sums.Steps + Carry.Steps[slot],
            };
        }

        return sums;
    }

    /// <summary>Optimiser and weight average of one range: element-wise, so the partition and the threads never change a bit.</summary>
    private readonly struct UpdateRange(Trainer trainer, float scale) : ILaunch
    {
        public void Run(in Worker worker, long unit)
        {
            (int offset, int length, bool decays) = trainer._ranges[unit];
            Span<float> weights = trainer.Model.Weights.Slice(offset, length);
            trainer.Optimizer.Update(offset, weights, trainer.Model.Gradients.Slice(offset, length), scale, decays);
            trainer.Ema?.Update(offset, weights);
        }
    }
}
