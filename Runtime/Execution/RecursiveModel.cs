namespace Graph.Execution;

/// <summary>A named buffer of a model that the host reads or writes.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Offset">First element in the activation arena (or the integer arena).</param>
/// <param name="Shape">Dims with the batch first.</param>
/// <param name="Integer">True: int32.</param>
/// <param name="IsInput">The host writes it: an input, or a state, which it resets.</param>
public sealed record Port(string Name, long Offset, int[] Shape, bool Integer, bool IsInput = false)
{
    public long Count => Shape.Aggregate(1L, (count, dim) => count * dim);
}

/// <summary>A trainable tensor: its place in the weight arena (and, equally, in gradients and moments).</summary>
/// <param name="Name">Reference name, e.g. <c>inner.lm_head.weight</c>.</param>
/// <param name="Shape">Dims as stored.</param>
/// <param name="Offset">First element in the weight arena.</param>
/// <param name="Init">How it starts.</param>
/// <param name="FanIn">For initialisations that scale.</param>
public sealed record Parameter(string Name, int[] Shape, long Offset, Init Init, int FanIn)
{
    public long Count => Shape.Aggregate(1L, (count, dim) => count * dim);
}

/// <summary>A carried state and its (untrained) initial row.</summary>
/// <param name="Port">The state, [batch, t, d].</param>
/// <param name="InitName">Reference name of the row, e.g. <c>inner.H_init</c>.</param>
/// <param name="InitRow">The d values that a reset writes to each of the t rows.</param>
public sealed record StatePort(Port Port, string InitName, float[] InitRow);

/// <summary>
/// A compiled recursive model of one size and batch: the base of every emitted program. It owns the arenas; a step
/// allocates nothing.
/// </summary>
public abstract class RecursiveModel : IDisposable
{
    protected RecursiveModel(string name, string size, int batch)
    {
        Name = name;
        Size = size;
        Batch = batch;
    }

    /// <summary>Name of the declaring class.</summary>
    public string Name { get; }

    /// <summary>Name of the size class.</summary>
    public string Size { get; }

    /// <summary>Samples a step.</summary>
    public int Batch { get; private protected set; }

    /// <summary>Where it runs.</summary>
    public abstract Device Device { get; }

    /// <summary>Trainable tensors in declaration order.</summary>
    public abstract IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Inputs, outputs and losses by node name.</summary>
    public abstract IReadOnlyDictionary<string, Port> Ports { get; }

    /// <summary>What a step carries into the next, in declaration order.</summary>
    public abstract IReadOnlyList<StatePort> States { get; }

    /// <summary>All parameters, each at its <see cref="Parameter.Offset"/>; the gaps between them are padding and stay zero. Call <see cref="WeightsChanged"/> after writing.</summary>
    public abstract Span<float> Weights { get; }

    /// <summary>Sum over the batch of d(loss)/d(parameter), laid out like <see cref="Weights"/>; a step with gradient starts from zero unless <see cref="AddsGradients"/>.</summary>
    public abstract Span<float> Gradients { get; }

    /// <summary>Steps with gradient add to <see cref="Gradients"/>: micro-batches make one update without a second copy of all gradients.</summary>
    public bool AddsGradients { get; set; }

    /// <summary>A step takes the inputs of the step before it, whatever the host has written since: on a device they need not be copied again.</summary>
    internal bool KeepsInputs { get; set; }

    /// <summary>The port's values, row-major in <see cref="Port.Shape"/>. Outputs are valid until the next step.</summary>
    public abstract Span<float> Floats(Port port);

    /// <summary>The gradient of an input declared with <c>gradient: true</c>, in the input's shape; valid after a step with gradient.</summary>
    public abstract Span<float> GradientOf(Port port);

    /// <summary>The values of an integer port, row-major in <see cref="Port.Shape"/>.</summary>
    public abstract Span<int> Ints(Port port);

    /// <summary>
    /// Brings outputs, and for an input its gradient, to the host in one copy where the program is on a device: the spans of these ports then
    /// cost no copy and no wait of their own until the next step. On the CPU there is nothing to bring.
    /// </summary>
    public virtual void Fetch(params ReadOnlySpan<Port> ports)
    {
    }

    /// <summary>Sets a slot's part of a state to its initial row, at every position.</summary>
    public virtual void ResetState(StatePort state, int slot)
    {
        ArgumentNullException.ThrowIfNull(state);
        int length = checked((int)(state.Port.Count / Batch));
        Span<float> values = Floats(state.Port).Slice(slot * length, length);
        for (int i = 0; i < length; i += state.InitRow.Length)
        {
            state.InitRow.CopyTo(values[i..]);
        }
    }

    /// <summary>Call after <see cref="Weights"/> changed: the matrices for the micro-kernels are packed again.</summary>
    public abstract void WeightsChanged();

    /// <summary>
    /// One supervision step: inputs and states to outputs, losses and new (detached) states. With
    /// <paramref name="gradient"/> the gradients of <paramref name="lossScale"/> times the summed losses are computed as well.
    /// </summary>
    public abstract void Step(bool gradient, float lossScale = 1);

    public abstract void Dispose();

    /// <summary>Trainable scalars.</summary>
    public long ParameterCount => Parameters.Sum(p => p.Count);
}
