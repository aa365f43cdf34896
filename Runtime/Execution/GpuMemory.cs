using System.Runtime.InteropServices;

namespace Graph.Execution;

/// <summary>
/// One block of floats and one of integers on the device: weights, gradients, activations, scratch. All inputs go up in one copy at the
/// start of a step and <see cref="Fetch"/> brings what the host reads after it in one; other spans of the host are mirrors, copied when asked for.
/// </summary>
internal sealed class GpuMemory : ProgramMemory
{
    /// <summary>Scratch starts at a multiple of this many floats, as every buffer that kernels read in vectors.</summary>
    private const long Alignment = 64;

    private readonly Dictionary<long, Mirror> mirrors = [];
    private readonly Dictionary<long, InitialRow> initialRows = [];
    private readonly List<Input> inputs = [];
    private readonly GpuQueue queue;
    private readonly GpuExecutor executor;
    private readonly float[] weights;
    private readonly float[] gradients;

    // What goes up: the integers' bits, then the float inputs. Integers travel as floats because two blocks would be two copies.
    private readonly float[] outgoing;

    // What comes down: the report, then what Fetch was asked for.
    private readonly float[] incoming;
    private readonly long gradientStart;
    private readonly long activationStart;
    private readonly long outgoingStart;
    private readonly long incomingStart;
    private readonly long floats;
    private bool weightsAreOld;
    private bool gradientsAreOld;
    private bool stepped;

    /// <param name="plan">What to allocate.</param>
    /// <param name="open">Opens a queue with so much memory.</param>
    /// <param name="bfloat16">Keep the weights as bfloat16 too, and run their products on tensor cores.</param>
    public GpuMemory(PlanTable plan, Func<QueueMemory, GpuQueue> open, bool bfloat16 = false)
        : base(plan)
    {
        gradientStart = Up(plan.WeightFloats);
        activationStart = gradientStart + Up(plan.WeightFloats);
        var scratchStart = activationStart + Up(plan.FloatsPerSample * plan.Batch);
        var copyStart = scratchStart + Up(plan.DeviceScratch);
        var copied = bfloat16 ? Up(plan.WeightFloats) : 0;
        outgoingStart = copyStart + Bfloat16Copy.Length(copied);
        outgoing = new float[DeviceBlocks.Outgoing(plan)];
        incomingStart = outgoingStart + outgoing.Length;
        incoming = new float[DeviceBlocks.Incoming(plan)];
        var rowsStart = incomingStart + incoming.Length;
        floats = rowsStart + DeviceBlocks.InitialRows(plan);
        weights = new float[plan.WeightFloats];
        gradients = new float[plan.WeightFloats];
        queue = open(new QueueMemory(floats, plan.Integers, Copied: Math.Max(outgoing.Length, incoming.Length)));
        queue.Bfloat16Weights = bfloat16 ? new Bfloat16Copy(0, copied, copyStart) : null;
        executor = new GpuExecutor(queue, GpuQueue.Place(scratchStart), plan.DeviceScratch);
        var at = Up(plan.Integers);
        foreach (var port in DeviceBlocks.Inputs(plan))
        {
            inputs.Add(new Input(port.Offset, at, port.Count));
            at += Up(port.Count);
        }

        foreach (var state in plan.States)
        {
            initialRows[state.Port.Offset] = new InitialRow(GpuQueue.Place(rowsStart), new float[state.InitRow.Length]);
            rowsStart += Up(state.InitRow.Length);
        }
    }

    public override Executor Executor => executor;

    public override GpuQueue Gpu => queue;

    public override Ref Weights => GpuQueue.Place(0);

    public override Ref Gradients => GpuQueue.Place(gradientStart);

    public override Ref Activations => GpuQueue.Place(activationStart);

    public override IntRef Integers => GpuQueue.IntPlace(0);

    public override long Bytes => sizeof(float) * (floats + Plan.Integers);

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

    /// <summary>Floats that kernels outside the program fill (training: the gradients' norm) and that every <see cref="Fetch"/> brings along.</summary>
    public Ref Report => GpuQueue.Place(incomingStart);

    /// <summary>The report as the last <see cref="Fetch"/> found it.</summary>
    public ReadOnlySpan<float> HostReport => incoming.AsSpan(0, DeviceBlocks.Report);

    /// <summary>As stored: a device packs nothing.</summary>
    public override Ref Packed(int parameter) => GpuQueue.Place(Plan.Parameters[parameter].Offset);

    public override Ref PackedBackward(int parameter) => Packed(parameter);

    public override Span<float> Floats(Port port)
    {
        foreach (var input in inputs)
        {
            if (input.Offset == port.Offset)
            {
                return outgoing.AsSpan((int)input.At, (int)input.Count);
            }
        }

        return Read(port.Offset, port.Count);
    }

    public override Span<float> GradientOf(Port port, long offset) => Read(offset, port.Count);

    public override Span<int> Ints(Port port) => MemoryMarshal.Cast<float, int>(outgoing.AsSpan()).Slice((int)port.Offset, (int)port.Count);

    public override void WeightsChanged()
    {
        queue.Upload(weights, 0);
        queue.Bfloat16Weights?.Changed();
        weightsAreOld = false;
    }

    /// <summary>Kernels changed the weights: the host's copy is old.</summary>
    public void WeightsMoved()
    {
        queue.Bfloat16Weights?.Changed();
        weightsAreOld = true;
    }

    /// <summary>Broadcasts a state's initial row over one sample, without the host. The row stays on the device until it changes.</summary>
    public void ResetState(StatePort state, int sample)
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

        var row = initialRows[state.Port.Offset];
        if (!row.Host.AsSpan().SequenceEqual(state.InitRow))
        {
            state.InitRow.CopyTo(row.Host.AsSpan());
            queue.Upload(row.Host, GpuQueue.At(row.Place));
        }

        var length = state.Port.Count / Plan.Batch;
        GpuFill.Rows(queue, Activations + (state.Port.Offset + (sample * length)), length / row.Host.Length, row.Place, row.Host.Length);
    }

    public override void BeginStep()
    {
        queue.Upload(outgoing, outgoingStart);
        GpuCopy.ToIntegers(queue, GpuQueue.Place(outgoingStart), Integers, Plan.Integers);
        foreach (var input in inputs)
        {
            GpuCopy.Run(queue, GpuQueue.Place(outgoingStart + input.At), Activations + input.Offset, input.Count);
        }

        foreach (var (offset, mirror) in mirrors)
        {
            if (mirror is { Writable: true, Touched: true, IsOld: false })
            {
                queue.Upload(mirror.Values, activationStart + offset);
            }

            (mirror.Touched, mirror.IsOld) = (false, true);
        }

        gradientsAreOld = true;
        stepped = true;
    }

    /// <summary>Brings ports (of an input: its gradient) and the report to the host in one copy, after everything queued before.</summary>
    public void Fetch(ReadOnlySpan<Port> ports)
    {
        var at = (long)DeviceBlocks.Report;
        foreach (var port in ports)
        {
            GpuCopy.Run(queue, Activations + Source(port), GpuQueue.Place(incomingStart + at), port.Count);
            at += Up(port.Count);
        }

        queue.Download(incomingStart, incoming.AsSpan(0, (int)at));
        at = DeviceBlocks.Report;
        foreach (var port in ports)
        {
            var mirror = Find(Source(port), port.Count);
            incoming.AsSpan((int)at, (int)port.Count).CopyTo(mirror.Values);
            mirror.IsOld = false;
            at += Up(port.Count);
        }
    }

    public override void Fill(Ref start, long count, float value) => GpuFill.Run(queue, start, count, value);

    public override void Dispose()
    {
        executor.Dispose();
        queue.Dispose();
    }

    /// <summary>Floats that a buffer of that many takes up.</summary>
    public static long Up(long count) => (count + Alignment - 1) / Alignment * Alignment;

    private long Source(Port port) => port.IsInput ? Plan.GradientOffsets[port.Name] : port.Offset;

    private Span<float> Read(long offset, long count)
    {
        var mirror = Find(offset, count);
        if (mirror.IsOld)
        {
            queue.Download(activationStart + offset, mirror.Values);
            mirror.IsOld = false;
        }

        mirror.Touched = true;
        return mirror.Values;
    }

    private Mirror Find(long offset, long count)
    {
        if (!mirrors.TryGetValue(offset, out var mirror))
        {
            mirrors[offset] = mirror = new Mirror(count, writable: initialRows.ContainsKey(offset)) { IsOld = stepped };
        }

        return mirror;
    }

    /// <summary>A float input.</summary>
    /// <param name="Offset">Among the activations, where kernels read it.</param>
    /// <param name="At">In the outgoing block.</param>
    /// <param name="Count">Floats.</param>
    private readonly record struct Input(long Offset, long At, long Count);

    /// <summary>A state's initial row on the device, zero at first, and its values there.</summary>
    private readonly record struct InitialRow(Ref Place, float[] Host);

    private sealed class Mirror(long count, bool writable)
    {
        public float[] Values { get; } = new float[count];

        /// <summary>A state: the host may write it.</summary>
        public bool Writable => writable;

        /// <summary>The device has newer values; before the first step both are zero.</summary>
        public bool IsOld { get; set; }

        /// <summary>The host has had the span since the last step, and may have written.</summary>
        public bool Touched { get; set; }
    }
}
