using Graph.Execution;

namespace Graph.Training;

/// <summary>The ports by which training and evaluation know a model, looked up and checked once.</summary>
internal sealed class ModelPorts
{
    /// <summary>Marks a cell that has no label (trm.md 2.1).</summary>
    public const int Ignored = -100;

    /// <summary>The input that a model with a continue head declares.</summary>
    public const string ContinueTargetName = "continueTarget";

    private readonly RecursiveModel _model;

    public ModelPorts(RecursiveModel model)
    {
        _model = model;
        Tokens = Find("tokens");
        Labels = Find("labels");
        Logits = Find("logits");
        Halt = Find("halt");
        Loss = Find("loss");
        Exact = Find("loss.exact");
        Accuracy = Find("loss.accuracy");
        HaltLoss = Find("haltLoss");
        ContinueTarget = model.Ports.GetValueOrDefault(ContinueTargetName);
        ContinueLoss = model.Ports.GetValueOrDefault("continueLoss");
        if (ContinueTarget is null != ContinueLoss is null)
        {
            throw new GraphException($"Model {model.Name} has only one of the nodes 'continueTarget' and 'continueLoss'; expected both or neither.");
        }

        Puzzle = model.Ports.GetValueOrDefault("puzzle");
        Cells = checked((int)(Tokens.Count / model.Batch));
        Vocabulary = Logits.Shape[^1];
        AfterTraining = [Loss, HaltLoss, Halt, Accuracy, Exact, .. ContinueLoss is null ? [] : (Port[])[ContinueLoss], .. Puzzle is null ? [] : (Port[])[Puzzle]];
        PuzzleWidth = Puzzle is null ? 0 : checked((int)(Puzzle.Count / model.Batch));
    }

    public Port Tokens { get; }

    public Port Labels { get; }

    public Port Logits { get; }

    public Port Halt { get; }

    public Port Loss { get; }

    public Port Exact { get; }

    public Port Accuracy { get; }

    public Port HaltLoss { get; }

    /// <summary>Input [batch]: target of the continue head; null: the model trains none.</summary>
    public Port? ContinueTarget { get; }

    public Port? ContinueLoss { get; }

    public Port? Puzzle { get; }

    /// <summary>What the host reads after a training step; the puzzle input stands for its gradient.</summary>
    public Port[] AfterTraining { get; }

    /// <summary>Tokens a sample.</summary>
    public int Cells { get; }

    public int Vocabulary { get; }

    /// <summary>Floats of a sample's puzzle vector; 0: the model has none.</summary>
    public int PuzzleWidth { get; }

    /// <summary>The model indexes memory with tokens, so none may be outside the vocabulary.</summary>
    public void CheckTokens(ReadOnlySpan<int> tokens)
    {
        int bad = tokens.IndexOfAnyExceptInRange(0, Vocabulary - 1);
        if (bad >= 0)
        {
            throw new GraphException($"Sample {bad / Cells} has token {tokens[bad]} in cell {bad % Cells}; expected 0 to {Vocabulary - 1}.");
        }
    }

    /// <summary>Likewise labels, apart from the mark of unlabelled cells.</summary>
    public void CheckLabels(ReadOnlySpan<int> labels)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)Vocabulary && labels[i] != Ignored)
            {
                throw new GraphException($"Sample {i / Cells} has label {labels[i]} in cell {i % Cells}; expected 0 to {Vocabulary - 1}, or {Ignored} for none.");
            }
        }
    }

    /// <summary>Broadcasts the initial rows over the positions of one slot.</summary>
    public void ResetState(int slot)
    {
        // By index: the enumerator of an interface is an allocation.
        for (int s = 0; s < _model.States.Count; s++)
        {
            _model.ResetState(_model.States[s], slot);
        }
    }

    public static double Sum(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        return sum;
    }

    private Port Find(string name) =>
        _model.Ports.TryGetValue(name, out Port? port)
            ? port
            : throw new GraphException($"Model {_model.Name} has no node '{name}'; training and evaluation need tokens, labels, logits, halt, loss and haltLoss.");
}
