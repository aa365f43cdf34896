using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// Evaluates a model (trm.md 3.2): every sample starts from fresh states; the logits of its last supervision step are the prediction (the
/// lowest index wins ties, 2.4). The states of a training run on the same model are kept.
/// </summary>
/// <remarks>
/// Without a threshold all samples take the same number of steps, as in the reference. With one, a sample ends where its halting logit
/// (less the continue logit, in a model that trains one) exceeds it and the next sample takes its slot; 0 ends it where training would. Slots do not see each other: a sample's prediction is the same whatever the others do.
/// </remarks>
public sealed class Evaluator
{
    private const int Idle = -1;

    private readonly RecursiveModel _model;
    private readonly ModelPorts _ports;
    private readonly SparseTable? _puzzles;
    private readonly int _steps;
    private readonly float _threshold;
    private readonly int[] _ids;
    private readonly int[] _row;
    private readonly int[] _samples;
    private readonly int[] _spent;
    private readonly SavedStates _saved;

    /// <param name="model">The model; not disposed here.</param>
    /// <param name="puzzles">Its puzzle table, for a model with a <c>puzzle</c> input.</param>
    /// <param name="steps">Most supervision steps a sample takes; need not be training's largest number, which is 16 by default.</param>
    /// <param name="haltThreshold">A sample ends early where its halting logit, less the continue logit if that is trained, is above this; infinity: never.</param>
    /// <exception cref="GraphException">The number of steps is below 1, or the table does not fit the model.</exception>
    public Evaluator(RecursiveModel model, SparseTable? puzzles, int steps = 16, double haltThreshold = double.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(model);
        Require.Range("number of evaluation steps", steps, 1, int.MaxValue);
        Require.Range("halting threshold", haltThreshold, double.NegativeInfinity, double.PositiveInfinity);
        _model = model;
        _ports = new ModelPorts(model);
        if ((puzzles?.Width ?? 0) != _ports.PuzzleWidth)
        {
            throw new GraphException($"Model {model.Name} takes puzzle vectors of {_ports.PuzzleWidth} values; the table has {puzzles?.Width ?? 0}.");
        }

        _puzzles = puzzles;
        _steps = steps;
        _threshold = (float)haltThreshold;
        _ids = new int[model.Batch];
        _row = new int[_ports.Cells];
        _samples = new int[model.Batch];
        _spent = new int[model.Batch];
        _saved = new SavedStates(model);
    }

    /// <summary>Runs any number of samples; slots without a sample are not counted.</summary>
    /// <param name="tokens">[samples, cells].</param>
    /// <param name="labels">[samples, cells]; -100: no label.</param>
    /// <param name="puzzleIds">[samples]; empty for a model without puzzle vectors.</param>
    /// <param name="predictions">[samples, cells] takes the predicted tokens; empty: not wanted.</param>
    /// <param name="sink">Takes every sample's prediction as soon as it is there; null: not wanted.</param>
    /// <param name="stepsTaken">[samples] takes the supervision steps spent on each; empty: not wanted.</param>
    public EvaluationResult Run(ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> puzzleIds, Span<int> predictions = default, PredictionSink? sink = null, Span<int> stepsTaken = default)
    {
        int cells = _ports.Cells;
        int samples = tokens.Length / cells;
        if (tokens.Length != samples * cells || labels.Length != tokens.Length)
        {
            throw new ArgumentException($"There are {tokens.Length} tokens and {labels.Length} labels; expected a multiple of {cells}, the same for both.", nameof(tokens));
        }

        if ((_puzzles is not null && puzzleIds.Length != samples) || (!predictions.IsEmpty && predictions.Length != tokens.Length) || (!stepsTaken.IsEmpty && stepsTaken.Length != samples))
        {
            throw new ArgumentException($"There are {puzzleIds.Length} puzzle identifiers and room for {predictions.Length} predictions and {stepsTaken.Length} step counts; expected {samples}, {tokens.Length} and {samples}.", nameof(puzzleIds));
        }

        _ports.CheckTokens(tokens);
        _ports.CheckLabels(labels);
        if (samples == 0)
        {
            return default;
        }

        _saved.Save();
        try
        {
            EvaluationResult result = default;
            int next = 0;
            int active = 0;
            for (int slot = 0; slot < _model.Batch; slot++)
            {
                // A slot too many computes the first sample, whose tokens and identifier are valid whatever the task, for nobody.
                bool busy = next < samples;
                Load(slot, busy ? next : 0, tokens, labels, puzzleIds);
                _samples[slot] = busy ? next++ : Idle;
                active += busy ? 1 : 0;
            }

            while (active > 0)
            {
                _puzzles?.Gather(_ids, _model.Floats(_ports.Puzzle!));
                _model.Step(gradient: false);
                Fetch();
                for (int slot = 0; slot < _model.Batch; slot++)
                {
                    int sample = _samples[slot];
                    if (sample == Idle || !(++_spent[slot] >= _steps || HaltMargin(slot) > _threshold))
                    {
                        continue;
                    }

                    Span<int> predicted = predictions.IsEmpty ? _row : predictions.Slice(sample * cells, cells);
                    Predict(slot, predicted);
                    Count(slot, predicted, ref result);
                    sink?.Invoke(sample, predicted, HaltProbability(slot));
                    if (!stepsTaken.IsEmpty)
                    {
                        stepsTaken[sample] = _spent[slot];
                    }

                    _samples[slot] = next < samples ? next : Idle;
                    active -= next < samples ? 0 : 1;
                    if (next < samples)
                    {
                        Load(slot, next++, tokens, labels, puzzleIds);
                    }
                }
            }

            return result;
        }
        finally
        {
            _saved.Restore();
        }
    }

    /// <summary>The logits are large: they come along where a sample spends its last step; one that its threshold ends early asks for them by itself.</summary>
    private void Fetch()
    {
        bool ends = false;
        for (int slot = 0; slot < _samples.Length; slot++)
        {
            ends |= _samples[slot] != Idle && _spent[slot] + 1 >= _steps;
        }

        if (ends)
        {
            _model.Fetch(_ports.Halt, _ports.Loss, _ports.Logits);
        }
        else
        {
            _model.Fetch(_ports.Halt);
        }
    }

    /// <summary>Starts a sample in a slot.</summary>
    private void Load(int slot, int sample, ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> puzzleIds)
    {
        int cells = _ports.Cells;
        tokens.Slice(sample * cells, cells).CopyTo(_model.Ints(_ports.Tokens)[(slot * cells)..]);
        labels.Slice(sample * cells, cells).CopyTo(_model.Ints(_ports.Labels)[(slot * cells)..]);
        _ids[slot] = _puzzles is null ? 0 : puzzleIds[sample];
        _spent[slot] = 0;
        _ports.ResetState(slot);
    }

    private void Predict(int slot, Span<int> predicted)
    {
        ReadOnlySpan<float> logits = _model.Floats(_ports.Logits)[(slot * predicted.Length * _ports.Vocabulary)..];
        for (int cell = 0; cell < predicted.Length; cell++)
        {
            predicted[cell] = ArgMax(logits.Slice(cell * _ports.Vocabulary, _ports.Vocabulary));
        }
    }

    private void Count(int slot, ReadOnlySpan<int> predicted, ref EvaluationResult result)
    {
        ReadOnlySpan<int> labels = _model.Ints(_ports.Labels).Slice(slot * predicted.Length, predicted.Length);
        int labelled = 0, right = 0;
        for (int cell = 0; cell < labels.Length; cell++)
        {
            if (labels[cell] != ModelPorts.Ignored)
            {
                labelled++;
                right += predicted[cell] == labels[cell] ? 1 : 0;
            }
        }

        if (labelled > 0)
        {
            bool exact = right == labelled;
            result = new EvaluationResult(
                result.Count + 1,
                result.Exact + (exact ? 1 : 0),
                result.Cells + labelled,
                result.RightCells + right,
                result.LmLoss + _model.Floats(_ports.Loss)[slot])
            {
                Steps = result.Steps + _spent[slot],
                HaltAccuracy = result.HaltAccuracy + ((_model.Floats(_ports.Halt)[2 * slot] >= 0) == exact ? 1 : 0),
            };
        }
    }

    private float HaltMargin(int slot)
    {
        ReadOnlySpan<float> logits = _model.Floats(_ports.Halt).Slice(2 * slot, 2);
        return logits[0] - (_ports.ContinueTarget is null ? 0 : logits[1]);
    }

    private double HaltProbability(int slot) => 1 / (1 + Math.Exp(-(double)_model.Floats(_ports.Halt)[2 * slot]));

    private static int ArgMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
            {
                best = i;
            }
        }

        return best;
    }
}
