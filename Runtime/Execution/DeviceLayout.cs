namespace Graph.Execution;

/// <summary>
/// Where everything lies in a device's memory, in floats: the one answer to how much a program takes there, for its plan, for the refusal of
/// a batch that does not fit, and for the allocation itself. Training's part is in it, so that a queue allocates once.
/// </summary>
internal sealed class DeviceLayout
{
    /// <summary>Room at the start of the incoming block, a whole buffer: <see cref="GpuMemory.Report"/>.</summary>
    public const int Report = 64;

    /// <summary>Partial sums of the gradients' norm, which training keeps.</summary>
    public const int NormSums = 256;

    /// <summary>Buffers start at a multiple of this many floats, as every buffer that kernels read in vectors.</summary>
    private const long Alignment = 64;

    /// <param name="plan">The program's plan.</param>
    /// <param name="batch">Samples a step; the plan's, or another.</param>
    /// <param name="tensorCores">The weights lie there as bfloat16 too.</param>
    public DeviceLayout(PlanTable plan, long batch, bool tensorCores)
    {
        var weights = Up(plan.WeightFloats);
        Gradients = weights;
        Activations = Gradients + weights;
        Scratch = Activations + Up(plan.FloatsPerSample * batch);
        ScratchFloats = plan.DeviceScratchAt(batch);
        Copy = Scratch + Up(ScratchFloats);
        Copied = tensorCores ? weights : 0;
        Integers = plan.Integers / plan.Batch * batch;
        Outgoing = Copy + Up(Bfloat16Copy.Length(Copied));
        OutgoingFloats = Up(Integers) + Inputs(plan).Sum(Length);
        Incoming = Outgoing + OutgoingFloats;
        IncomingFloats = Report
            + plan.Ports.Values.Where(port => port is { IsInput: false, Integer: false }).Sum(Length)
            + plan.GradientOffsets.Keys.Sum(name => Length(plan.Ports[name]));
        InitialRows = Incoming + IncomingFloats;
        SavedStates = InitialRows + plan.States.Sum(state => Up(state.InitRow.Length));
        Floats = SavedStates + plan.States.Sum(state => Length(state.Port));
        Reserve = (PlanBytes.TrainingCopies * weights) + Up(NormSums);

        // Ports have the batch first.
        long Length(Port port) => Up(port.Count / plan.Batch * batch);
    }

    /// <summary>The same with what the program's operators ask a queue for: constants, and the largest scratch of a launch.</summary>
    /// <param name="program">Its plan may be all that it has.</param>
    /// <param name="batch">Samples a step.</param>
    public static DeviceLayout Of(CompiledProgram program, int batch)
    {
        var layout = new DeviceLayout(program.Table, batch, program.Device.HasTensorCores);
        layout.Reserve += program.Survey(batch, layout);
        return layout;
    }

    /// <summary>First float of the weights' gradients; the weights are first of all.</summary>
    public long Gradients { get; }

    public long Activations { get; }

    /// <summary>Scratch of the program's regions.</summary>
    public long Scratch { get; }

    public long ScratchFloats { get; }

    /// <summary>The weights as bfloat16.</summary>
    public long Copy { get; }

    /// <summary>Floats that have such a copy; 0: none.</summary>
    public long Copied { get; }

    /// <summary>The weights' copy for tensor cores; null: none.</summary>
    public Bfloat16Copy? Weights16 => Copied == 0 ? null : new Bfloat16Copy(0, Copied, Copy);

    /// <summary>All inputs, for one copy to the device: the bits of the integers, then the floats.</summary>
    public long Outgoing { get; }

    public long OutgoingFloats { get; }

    /// <summary>What the host reads after a step, for one copy from the device: the report, then all outputs and gradients of inputs at most.</summary>
    public long Incoming { get; }

    public long IncomingFloats { get; }

    /// <summary>One initial row a state.</summary>
    public long InitialRows { get; }

    /// <summary>A copy of the states, for steps that are taken back.</summary>
    public long SavedStates { get; }

    /// <summary>Floats of the program.</summary>
    public long Floats { get; }

    public long Integers { get; }

    /// <summary>Floats behind the program's: what training and operators ask for later.</summary>
    public long Reserve { get; private set; }

    /// <summary>Everything.</summary>
    public long Bytes => sizeof(float) * (Floats + Reserve + Integers);

    /// <summary>Float inputs that the host writes before a step. States are none: they stay where they are.</summary>
    public static IEnumerable<Port> Inputs(PlanTable plan) =>
        plan.Ports.Values.Where(port => port is { IsInput: true, Integer: false } && plan.States.All(state => state.Port.Offset != port.Offset));

    /// <summary>Floats that a buffer of that many takes up.</summary>
    public static long Up(long count) => (count + Alignment - 1) / Alignment * Alignment;
}
