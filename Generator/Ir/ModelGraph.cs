using Graph.Generator.Dims;
using Graph.Generator.Specs;

namespace Graph.Generator.Ir;

/// <summary>A straight-line piece of the model: what comes before the loops, one loop's body, or the heads.</summary>
internal sealed class Phase(string name, IReadOnlyList<LoopSpec> loops)
{
    /// <summary><c>Inputs</c>, the innermost loop's name, or <c>Heads</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Loops around it, outermost first.</summary>
    public IReadOnlyList<LoopSpec> Loops { get; } = loops;

    public List<Instr> Forward { get; } = [];

    public List<Instr> Backward { get; } = [];

    /// <summary>States it updates.</summary>
    public List<Value> Updates { get; } = [];

    /// <summary>Forward values that backward reads from the saved frame.</summary>
    public List<Value> Saved { get; } = [];

    /// <summary>Turns of the phase that carry gradient: the product of the inner loops' counts, or of how many of their last turns do.</summary>
    public DimExpr Turns { get; set; } = DimExpr.Constant(1);

    /// <summary>The earlier phase whose frame of saved values this one continues, or null.</summary>
    public Phase? Frame { get; set; }

    /// <summary>Number of its first turn in the frame.</summary>
    public DimExpr FirstTurn { get; set; } = DimExpr.Constant(0);

    /// <summary>Turns that the frame holds, those of phases that continue it included.</summary>
    public DimExpr FrameTurns { get; set; } = DimExpr.Constant(1);

    /// <summary>
    /// Of a phase that continues a frame with parameters of its own: each of them, and the one that the frame's owner has in its place. All are as far
    /// apart in <see cref="ModelGraph.Parameters"/>. Empty where the two share parameters, or have such as do not correspond.
    /// </summary>
    public IReadOnlyList<(ParameterValue Own, ParameterValue Named)> Twins { get; set; } = [];

    /// <summary>What the names of its values start with, e.g. <c>stepL_</c>; empty when it keeps nothing.</summary>
    public string Prefix => Saved.Count > 0 && Saved[0].Name.EndsWith("_" + Saved[0].ShortName, StringComparison.Ordinal)
        ? Saved[0].Name.Substring(0, Saved[0].Name.Length - Saved[0].ShortName.Length)
        : "";

    /// <summary>The frame's owner and its name for a saved value.</summary>
    public (Phase Owner, Value Value) InFrame(Value saved) => Frame is null ? (this, saved) : (Frame, Frame.Saved[Saved.IndexOf(saved)]);
}

/// <summary>A float or integer buffer that the host reads or writes.</summary>
internal sealed record PortValue(string Name, Value Value, bool IsInput, bool HasGradient);

internal sealed record StateValue(string Init, Value Value);

/// <summary>The typed graph of a model: phases over values (architecture.md 4).</summary>
internal sealed class ModelGraph(ModelSpec spec)
{
    public ModelSpec Spec { get; } = spec;

    public List<Phase> Phases { get; } = [];

    public List<ParameterValue> Parameters { get; } = [];

    public List<PortValue> Ports { get; } = [];

    public List<StateValue> States { get; } = [];

    /// <summary>Losses with their weights; gradient seeds.</summary>
    public List<(Value Loss, double Weight)> Losses { get; } = [];

    /// <summary>Gradient buffers of persistent values, zeroed before backward.</summary>
    public Dictionary<Value, Value> Gradients { get; } = [];

    /// <summary>What the passes decided and a user may want to know: GRAPH081, GRAPH082.</summary>
    public List<Problem> Notes { get; } = [];

    /// <summary>Every persistent value in order of appearance.</summary>
    public List<Value> Persistent { get; } = [];

    public Value Keep(Value value)
    {
        if (!value.Root.IsPersistent)
        {
            value.Root.IsPersistent = true;
            Persistent.Add(value.Root);
        }

        return value;
    }
}
