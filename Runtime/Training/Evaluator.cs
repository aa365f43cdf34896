using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// Evaluates a model (trm.md 3.2): fresh states for every batch, all slots run exactly the given number of supervision steps, the last
/// step's logits are the prediction (the lowest index wins ties, 2.4). The states of a training run on the same model are kept.
/// </summary>
public sealed class Evaluator
{
    private readonly RecursiveModel _model;
    private readonly ModelPorts _ports;
    private readonly SparseTable? _puzzles;
    private readonly int _steps;
    private readonly int[] _ids;
    private readonly int[] _row;
    private readonly float[][] _saved;

    /// <param name="model">The model; not disposed here.</param>
    /// <param name="puzzles">Its puzzle table, for a model with a <c>puzzle</c> input.</param>
    /// <param name="steps">Supervision steps a sample; training's largest number is 16.</param>
    /// <exception cref="GraphException">The number of steps is below 1, or the table does not fit the model.</exception>
    public Evaluator(RecursiveModel model, SparseTable? puzzles, int steps = 16)
    {
        ArgumentNullException.ThrowIfNull(model);
        Require.Range("number of evaluation steps", steps, 1, int.MaxValue);
        _model = model;
        _ports = new ModelPorts(model);
        if ((puzzles?.Width ?? 0) != _ports.PuzzleWidth)
        {
            throw new GraphException($"Model {model.Name} takes puzzle vectors of {_ports.PuzzleWidth} values; the table has {puzzles?.Width ?? 0}.");
        }

        _puzzles = puzzles;
        _steps = steps;
        _ids = new int[model.Batch];
        _row = new int[_ports.Cells];
        _saved = [.. model.States.Select(state => new float[checked((int)state.Port.Count)])];
    }

    /// <summary>Runs any number of samples, batch by batch; the last batch is padded and the padding not counted.</summary>
    /// <param name="tokens">[samples, cells].</param>
    /// <param name="labels">[samples, cells]; -100: no label.</param>
    /// <param name="puzzleIds">[samples]; empty for a model without puzzle vectors.</param>
    /// <param name="predictions">[samples, cells] takes the predicted tokens; empty: not wanted.</param>
    /// <param name="sink">Takes every sample's prediction as soon as it is there; null: not wanted.</param>
    public EvaluationResult Run(ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> puzzleIds, Span<int> predictions = default, PredictionSink? sink = null)
    {
        int cells = _ports.Cells;
        int samples = tokens.Length / cells;
        if (tokens.Length != samples * cells || labels.Length != tokens.Length)
        {
            throw new ArgumentException($"There are {tokens.Length} tokens and {labels.Length} labels; expected a multiple of {cells}, the same for both.", nameof(tokens));
        }

        if ((_puzzles is not null && puzzleIds.Length != samples) || (!predictions.IsEmpty && predictions.Length != tokens.Length))
        {
            throw new ArgumentException($"There are {puzzleIds.Length} puzzle identifiers and room for {predictions.Length} predictions; expected {samples} and {tokens.Length}.", nameof(puzzleIds));
        }

        _ports.CheckTokens(tokens);
        _ports.CheckLabels(labels);
        ExchangeStates(save: true);
        try
        {
            EvaluationResult result = default;
            for (int first = 0; first < samples; first += _model.Batch)
            {
                int rows = Math.Min(_model.Batch, samples - first);
                Load(tokens.Slice(first * cells, rows * cells), labels.Slice(first * cells, rows * cells), _puzzles is null ? default : puzzleIds.Slice(first, rows));
                for (int step = 0; step < _steps; step++)
                {
                    _model.Step(gradient: false);
                }

                for (int row = 0; row < rows; row++)
                {
                    Span<int> predicted = predictions.IsEmpty ? _row : predictions.Slice((first + row) * cells, cells);
                    Predict(row, predicted);
                    Count(row, predicted, ref result);
                    sink?.Invoke(first + row, predicted, HaltProbability(row));
                }
            }

            return result;
        }
        finally
        {
            ExchangeStates(save: false);
        }
    }

    private void Load(ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> puzzleIds)
    {
        int cells = _ports.Cells;
        int rows = tokens.Length / cells;
        for (int slot = 0; slot < _model.Batch; slot++)
        {
            // Padding repeats the first sample: its tokens and identifier are valid, whatever the task.
            int row = slot < rows ? slot : 0;
            tokens.Slice(row * cells, cells).CopyTo(_model.Ints(_ports.Tokens)[(slot * cells)..]);
            labels.Slice(row * cells, cells).CopyTo(_model.Ints(_ports.Labels)[(slot * cells)..]);
            _ids[slot] = puzzleIds.IsEmpty ? 0 : puzzleIds[row];
            _ports.ResetState(slot);
        }

        _puzzles?.Gather(_ids, _model.Floats(_ports.Puzzle!));
    }

    private void Predict(int row, Span<int> predicted)
    {
        ReadOnlySpan<float> logits = _model.Floats(_ports.Logits)[(row * predicted.Length * _ports.Vocabulary)..];
        for (int cell = 0; cell < predicted.Length; cell++)
        {
            predicted[cell] = ArgMax(logits.Slice(cell * _ports.Vocabulary, _ports.Vocabulary));
        }
    }

    private void Count(int row, ReadOnlySpan<int> predicted, ref EvaluationResult result)
    {
        ReadOnlySpan<int> labels = _model.Ints(_ports.Labels).Slice(row * predicted.Length, predicted.Length);
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
            result = new EvaluationResult(
                result.Count + 1,
                result.Exact + (right == labelled ? 1 : 0),
                result.Cells + labelled,
                result.RightCells + right,
                result.LmLoss + _model.Floats(_ports.Loss)[row]);
        }
    }

    private double HaltProbability(int row)
    {
        ReadOnlySpan<float> halt = _model.Floats(_ports.Halt);
        return 1 / (1 + Math.Exp(-(double)halt[row * (halt.Length / _model.Batch)]));
    }

    private void ExchangeStates(bool save)
    {
        for (int i = 0; i < _saved.Length; i++)
        {
            Span<float> values = _model.Floats(_model.States[i].Port);
            if (save)
            {
                values.CopyTo(_saved[i]);
            }
            else
            {
                _saved[i].CopyTo(values);
            }
        }
    }

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
