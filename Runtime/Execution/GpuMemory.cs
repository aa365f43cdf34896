namespace Graph.Execution;

/// <summary>
/// One block of floats and one of integers on the device: weights, gradients, activations, scratch. The host's spans are mirrors: an
/// input or state that the host touched goes up before the next step, a value that it asks for after a step comes down then.
/// </summary>
internal sealed class GpuMemory : ProgramMemory
{
    /// <summary>Scratch starts at a multiple of this many floats, as every buffer that kernels read in vectors.</summary>
    private const long Alignment = 64;

    private readonly Dictionary<long, Mirror> mirrors = [];
    private readonly GpuQueue queue;
    private readonly GpuExecutor executor;
    private readonly float[] weights;
    private readonly float[] gradients;
    private readonly int[] integers;
    private readonly long gradientStart;
    private readonly long activationStart;
    private readonly long floats;
    private bool weightsAreOld;
    private bool gradientsAreOld;
    private bool stepped;

    /// <param name="plan">What to allocate.</param>
    /// <param name="open">Opens a queue with so many floats and integers of memory.</param>
    /// <param name="bfloat16">Keep the weights as bfloat16 too, and run their products on tensor cores.</param>
    public GpuMemory(PlanTable plan, Func<long, long, GpuQueue> open, bool bfloat16 = false)
        : base(plan)
    {
        gradientStart = Up(plan.WeightFloats);
        activationStart = gradientStart + Up(plan.WeightFloats);
        var scratchStart = activationStart + Up(plan.FloatsPerSample * plan.Batch);
        var copyStart = scratchStart + Up(plan.DeviceScratch);
        var copied = bfloat16 ? Up(plan.WeightFloats) : 0;
        floats = copyStart + Bfloat16Copy.Length(copied);
        weights = new float[plan.WeightFloats];
        gradients = new float[plan.WeightFloats];
        integers = new int[plan.Integers];
        queue = open(floats, plan.Integers);
        queue.Bfloat16Weights = bfloat16 ? new Bfloat16Copy(0, copied, copyStart) : null;
        executor = new GpuExecutor(queue, GpuQueue.Place(scratchStart), plan.DeviceScratch);
    }

    public override Executor Executor => executor;

    public override GpuQueue Gpu => queue;

    public override Ref Weights => GpuQueue.Place(0);

    public override Ref Gradients => GpuQueue.Place(gradientStart);

    public override Ref Activations => GpuQueue.Place(activationStart);

    public override IntRef Integers => GpuQueue.IntPlace(0);

    public override long Bytes => sizeof(float) * (floats + integers.Length);

    public override Span<float> HostWeights
    {
        get
        {
            if (weightsAreOld)
            {
                queue.Download(0, weights);
                weightsAreOld = false;
            }

            return weights;
        }
    }

    public override Span<float> HostGradients
    {
        get
        {
            if (gradientsAreOld)
            {
                queue.Download(gradientStart, gradients);
                gradientsAreOld = false;
            }

            return gradients;
        }
    }

    /// <summary>As stored: a device packs nothing.</summary>
    public override Ref Packed(int parameter) => GpuQueue.Place(Plan.Parameters[parameter].Offset);

    public override Ref PackedBackward(int parameter) => Packed(parameter);

    public override Span<float> Floats(Port port) => Read(port.Offset, port.Count, isInput: port.IsInput);

    public override Span<float> GradientOf(Port port, long offset) => Read(offset, port.Count, isInput: false);

    public override Span<int> Ints(Port port) => integers.AsSpan((int)port.Offset, (int)port.Count);

    public override void WeightsChanged()
    {
        queue.Upload(weights, 0);
        queue.Bfloat16Weights?.Changed();
        weightsAreOld = false;
    }

    public override void WeightsMoved()
    {
        queue.Bfloat16Weights?.Changed();
        weightsAreOld = true;
    }

    public override void ResetState(StatePort state, int sample)
    {
        if (mirrors.TryGetValue(state.Port.Offset, out var mirror))
        {
            // What the host wrote to other samples must not be lost, nor overwrite the reset.
            if (mirror is { Touched: true, IsOld: false })
            {
                queue.Upload(mirror.Values, activationStart + state.Port.Offset);
            }

            (mirror.Touched, mirror.IsOld) = (false, true);
        }

        var length = state.Port.Count / Plan.Batch;
        var row = queue.Scratch(state.InitRow.Length);
        queue.Upload(state.InitRow, GpuQueue.At(row));
        GpuFill.Rows(queue, Activations + (state.Port.Offset + (sample * length)), length / state.InitRow.Length, row, state.InitRow.Length);
    }

    public override void BeginStep()
    {
        queue.Upload(integers, 0);
        foreach (var (offset, mirror) in mirrors)
        {
            if (mirror is { IsInput: true, Touched: true })
            {
                queue.Upload(mirror.Values, activationStart + offset);
            }

            mirror.Touched = false;
            mirror.IsOld = true;
        }

        gradientsAreOld = true;
        stepped = true;
    }

    public override void Fill(Ref start, long count, float value) => GpuFill.Run(queue, start, count, value);

    public override void Dispose()
    {
        executor.Dispose();
        queue.Dispose();
    }

    /// <summary>Floats that a buffer of that many takes up.</summary>
    public static long Up(long count) => (count + Alignment - 1) / Alignment * Alignment;

    private Span<float> Read(long offset, long count, bool isInput)
    {
        if (!mirrors.TryGetValue(offset, out var mirror))
        {
            mirrors[offset] = mirror = new Mirror(count, isInput) { IsOld = stepped };
        }

        if (mirror.IsOld)
        {
            queue.Download(activationStart + offset, mirror.Values);
            mirror.IsOld = false;
        }

        mirror.Touched = true;
        return mirror.Values;
    }

    private sealed class Mirror(long count, bool isInput)
    {
        public float[] Values { get; } = new float[count];

        public bool IsInput => isInput;

        /// <summary>The device has newer values; before the first step both are zero.</summary>
        public bool IsOld { get; set; }

        /// <summary>The host has had the span since the last step, and may have written.</summary>
        public bool Touched { get; set; }
    }
}
