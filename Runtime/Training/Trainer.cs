using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// Deep-supervision training (trm.md 3.1): one optimiser step is one supervision step on whatever every slot carries; slots that halted
/// take the row of the same index from the next batch, the other rows are discarded. A warmed-up step allocates nothing.
/// </summary>
/// <remarks>
/// Initialise or load the model's weights first: the weight average starts from the weights the constructor finds.
/// With several micro-batches a run has <c>MicroBatches · model.Batch</c> slots, which pass through the model one micro-batch after
/// another; with several supervision steps an update, every slot takes that many before the weights move. Gradients are of the mean over
/// all of them.
/// </remarks>
public sealed class Trainer
{
    private const double HaltWeight = 0.5;

    private readonly ModelPorts _ports;
    private readonly LearningRateSchedule _schedule;
    private readonly HaltingLoop _halting;
    private readonly BootstrappedTarget? _target;
    private readonly SlotStates _states;
    private readonly WeightUpdate _weights;
    private readonly PuzzleUpdate? _puzzles;

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
        _halting = new HaltingLoop(options, _ports.ContinueTarget is not null);
        _target = _ports.ContinueTarget is null ? null : new BootstrappedTarget(model, _ports, options.HaltMaxSteps);
        _states = new SlotStates(model, options.MicroBatches);
        Carry = new Carry(checked(model.Batch * options.MicroBatches), _ports.Cells);
        Optimizer = options.CreateOptimizer(model.Weights.Length);
        Ema = options.EmaRate == 0 ? null : new Ema(model.Weights, options.EmaRate);
        _weights = new WeightUpdate(model, options, Optimizer, Ema);
        Puzzles = _ports.PuzzleWidth == 0 ? null : new SparseTable(options.PuzzleIdentifiers, _ports.PuzzleWidth);
        _puzzles = Puzzles is null ? null : new PuzzleUpdate(Puzzles, options.Parts, model.Batch);
        if (options.FrozenTrunkSteps > 0 && Puzzles is null)
        {
            throw new GraphException($"The number of frozen trunk steps is {options.FrozenTrunkSteps}, but model {model.Name} has no puzzle table to train meanwhile; expected 0.");
        }
    }

    public RecursiveModel Model { get; }

    public TrainerOptions Options { get; }

    /// <summary>All slots: those of the first micro-batch, then those of the next.</summary>
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
    /// <param name="tokens">[slots, cells]; with k supervision steps an update [k · slots, cells], the rows of the first step first.</param>
    /// <param name="labels">Likewise; -100: no label.</param>
    /// <param name="puzzleIds">[slots] or [k · slots]; empty for a model without puzzle vectors.</param>
    /// <exception cref="GraphException">The loss is not finite, or a token, label or puzzle identifier is out of range. Weights are then unchanged.</exception>
    /// <exception cref="InvalidOperationException">The run is finished, or the model holds averaged weights.</exception>
    public TrainStepResult Step(ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> puzzleIds)
    {
        if (Finished || Averaged)
        {
            throw new InvalidOperationException(Finished ? $"The run ended after {Options.TotalSteps} steps." : "The model holds averaged weights.");
        }

        CheckBatch(tokens, labels, puzzleIds);
        TrainStepResult sums = default;
        int values = Carry.Batch * Carry.Cells;
        for (int part = 0; part < Options.Parts; part++)
        {
            (int turn, int microBatch) = Math.DivRem(part, Options.MicroBatches);
            _states.Load(microBatch);
            Refill(
                microBatch * Model.Batch,
                tokens.Slice(turn * values, values),
                labels.Slice(turn * values, values),
                puzzleIds.IsEmpty ? puzzleIds : puzzleIds.Slice(turn * Carry.Batch, Carry.Batch));
            Supervise(part, turn, microBatch * Model.Batch, ref sums);
            _states.Store(microBatch);
        }

        StepCount++;
        double factor = _schedule.Factor(StepCount);
        return sums with
        {
            Step = StepCount,
            LearningRate = Options.LearningRate * factor,
            GradientNorm = Optimize(factor),
        };
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

    /// <summary>State number <paramref name="index"/> of all slots, [slots, t, d].</summary>
    internal Span<float> StateOf(int index) => _states.Of(index);

    internal void CheckTokens(ReadOnlySpan<int> tokens) => _ports.CheckTokens(tokens);

    internal void CheckLabels(ReadOnlySpan<int> labels) => _ports.CheckLabels(labels);

    private void CheckBatch(ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> puzzleIds)
    {
        int rows = Carry.Batch * Options.SupervisionSteps;
        int expected = rows * Carry.Cells;
        if (tokens.Length != expected || labels.Length != expected)
        {
            throw new ArgumentException($"A batch has {tokens.Length} tokens and {labels.Length} labels; expected {rows} x {Carry.Cells} of each.", nameof(tokens));
        }

        if (puzzleIds.Length != rows && !(puzzleIds.IsEmpty && Puzzles is null))
        {
            throw new ArgumentException($"A batch has {puzzleIds.Length} puzzle identifiers; expected {rows}.", nameof(puzzleIds));
        }

        _ports.CheckTokens(tokens);
        _ports.CheckLabels(labels);
    }

    private void Refill(int first, ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> puzzleIds)
    {
        for (int slot = 0; slot < Model.Batch; slot++)
        {
            if (Carry.Halted[first + slot])
            {
                Carry.Take(first + slot, tokens, labels, puzzleIds);
                _ports.ResetState(slot);
            }
        }
    }

    /// <summary>One supervision step of one micro-batch, whose states the model holds.</summary>
    private void Supervise(int part, int turn, int first, ref TrainStepResult sums)
    {
        int values = Model.Batch * Carry.Cells;
        ReadOnlySpan<int> ids = Carry.PuzzleIds.Slice(first, Model.Batch);
        Carry.Tokens.Slice(first * Carry.Cells, values).CopyTo(Model.Ints(_ports.Tokens));
        Carry.Labels.Slice(first * Carry.Cells, values).CopyTo(Model.Ints(_ports.Labels));
        Puzzles?.Gather(ids, Model.Floats(_ports.Puzzle!));
        try
        {
            _target?.Fill(Carry.Steps.Slice(first, Model.Batch));
            Model.AddsGradients = part > 0;
            Model.Step(gradient: true, lossScale: 1f / (Model.Batch * Options.Parts));
        }
        finally
        {
            Model.AddsGradients = false;
            Model.KeepsInputs = false;
        }

        if (part == Options.Parts - 1)
        {
            _weights.MeasureGradients();
        }

        Model.Fetch(_ports.AfterTraining);

        double lmLoss = ModelPorts.Sum(Model.Floats(_ports.Loss));
        double haltLoss = ModelPorts.Sum(Model.Floats(_ports.HaltLoss));
        double continueLoss = _ports.ContinueLoss is null ? 0 : ModelPorts.Sum(Model.Floats(_ports.ContinueLoss));
        double loss = lmLoss + (HaltWeight * (haltLoss + continueLoss));
        if (!double.IsFinite(loss))
        {
            throw new GraphException($"The loss is {loss} in step {StepCount + 1}: the run has diverged.");
        }

        _puzzles?.Add(part, ids, Model.GradientOf(_ports.Puzzle!));
        _halting.Advance(Carry, Model.Floats(_ports.Halt), (StepCount * Options.SupervisionSteps) + turn + 1, first);
        sums = sums with
        {
            Loss = sums.Loss + loss,
            LmLoss = sums.LmLoss + lmLoss,
            HaltLoss = sums.HaltLoss + haltLoss,
            ContinueLoss = sums.ContinueLoss + continueLoss,
        };
        Measure(first, ref sums);
    }

    /// <summary>Returns the gradient norm, 0 where clipping is off.</summary>
    private double Optimize(double factor)
    {
        double norm = _weights.Norm();
        if (StepCount > Options.FrozenTrunkSteps)
        {
            _weights.Apply(Options.LearningRate * factor, norm);
        }

        _puzzles?.Apply(Options.PuzzleLearningRate * factor, Options.PuzzleWeightDecay);
        return norm;
    }

    private void Measure(int first, ref TrainStepResult sums)
    {
        ReadOnlySpan<float> accuracy = Model.Floats(_ports.Accuracy);
        ReadOnlySpan<float> exact = Model.Floats(_ports.Exact);
        ReadOnlySpan<float> halt = Model.Floats(_ports.Halt);
        for (int row = 0; row < Model.Batch; row++)
        {
            int slot = first + row;
            if (!Carry.Halted[slot] || !Carry.Labels.Slice(slot * Carry.Cells, Carry.Cells).ContainsAnyExcept(ModelPorts.Ignored))
            {
                continue;
            }

            bool right = exact[row] > 0.5f;
            sums = sums with
            {
                Count = sums.Count + 1,
                Accuracy = sums.Accuracy + accuracy[row],
                Exact = sums.Exact + (right ? 1 : 0),
                HaltAccuracy = sums.HaltAccuracy + ((halt[2 * row] >= 0) == right ? 1 : 0),
                Steps = sums.Steps + Carry.Steps[slot],
            };
        }
    }
}
