namespace Graph.Execution;

/// <summary>
/// Base of emitted programs: it gives the emitted launches their places, whatever the device. Everything is allocated here,
/// once; a step allocates nothing.
/// </summary>
public abstract class CompiledProgram : RecursiveModel
{
    private readonly Device device;
    private ProgramMemory memory = null!;
    private PlanTable plan = null!;
    private Ref weights;
    private Ref gradients;

    protected CompiledProgram(string name, string size, int batch, Device device)
        : base(name, size, batch) => this.device = device;

    public Executor Executor { get; private set; } = null!;

    public override Device Device => device;

    /// <summary>The memory plan, for printing.</summary>
    public PlanTable Table => plan;

    /// <summary>All memory of the program.</summary>
    public ProgramMemory Memory => memory;

    /// <summary>First float of the activation arena; the plan's offsets count from here.</summary>
    public Ref Activations { get; private set; }

    /// <summary>The place of a value that the device may store as bfloat16.</summary>
    /// <param name="offset">In floats from <see cref="Activations"/>.</param>
    public Ref Rounded(long offset) => plan.StoresBfloat16 ? Bfloat16Place.Of(Activations + offset) : Activations + offset;

    /// <summary>First integer of the arena of integer inputs.</summary>
    public IntRef Integers { get; private set; }

    public override IReadOnlyList<Parameter> Parameters => plan.Parameters;

    public override IReadOnlyDictionary<string, Port> Ports => plan.Ports;

    public override IReadOnlyList<StatePort> States => plan.States;

    public override Span<float> Weights => memory.HostWeights;

    public override Span<float> Gradients => memory.HostGradients;

    /// <summary>The parameter of that index as stored, e.g. [out, in].</summary>
    public Ref WeightAt(int parameter) => weights + plan.Parameters[parameter].Offset;

    /// <summary>The parameter's gradient, in its shape.</summary>
    public Ref GradientAt(int parameter) => gradients + plan.Parameters[parameter].Offset;

    /// <summary>The weight packed for y = x Wᵀ.</summary>
    public Ref Packed(int parameter) => memory.Packed(parameter);

    /// <summary>The weight packed for dx = dy W.</summary>
    public Ref PackedBackward(int parameter) => memory.PackedBackward(parameter);

    public override Span<float> Floats(Port port)
    {
        ArgumentNullException.ThrowIfNull(port);
        return memory.Floats(port);
    }

    public override Span<float> GradientOf(Port port)
    {
        ArgumentNullException.ThrowIfNull(port);
        return memory.GradientOf(port, plan.GradientOffsets[port.Name]);
    }

    public override Span<int> Ints(Port port)
    {
        ArgumentNullException.ThrowIfNull(port);
        return memory.Ints(port);
    }

    public override void ResetState(StatePort state, int slot)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (memory is GpuMemory gpu)
        {
            gpu.ResetState(state, slot);
        }
        else
        {
            base.ResetState(state, slot);
        }
    }

    public override void Fetch(params ReadOnlySpan<Port> ports)
    {
        if (memory is GpuMemory gpu)
        {
            gpu.Fetch(ports);
        }
    }

    public override void WeightsChanged() => memory.WeightsChanged();

    public override void Dispose()
    {
        memory.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void Allocate(PlanTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        plan = table;
        plan.DeclareAll();
        Use(device.Allocate(this));
    }

    /// <summary>Floats that operators ask a device's queue for in a step of any batch: the step is gone through, and nothing runs.</summary>
    internal long Survey(int batch, DeviceLayout layout)
    {
        var (kept, keptBatch) = (memory, Batch);
        using var survey = new DeviceSurvey(plan, layout);
        try
        {
            Batch = batch;
            Use(survey);
            Step(gradient: false);
            survey.CheckNoneWaits();
            Step(gradient: true);
            survey.CheckNoneWaits();
            return survey.Reserve;
        }
        finally
        {
            Batch = keptBatch;
            if (kept is not null)
            {
                Use(kept);
            }
        }
    }

    protected void BeginStep() => memory.BeginStep(KeepsInputs);

    /// <summary>The first call of every backward pass. Where steps add their gradients, they stay.</summary>
    protected void ZeroGradients()
    {
        memory.BeginBackward();
        if (!AddsGradients)
        {
            memory.Fill(gradients, plan.WeightFloats, 0);
        }
    }

    protected void Zero(long offset, long perSample) => memory.Fill(Activations + offset, perSample * Batch, 0);

    /// <summary>The gradient of a per-sample loss.</summary>
    protected void Seed(long offset, float value) => memory.Fill(Activations + offset, Batch, value);

    private void Use(ProgramMemory other)
    {
        memory = other;
        Executor = other.Executor;
        (weights, gradients, Activations, Integers) = (other.Weights, other.Gradients, other.Activations, other.Integers);
    }
}
