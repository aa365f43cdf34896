using System.Runtime.InteropServices;

namespace Graph.Execution;

/// <summary>
/// One block of floats and one of integers on the device: weights, gradients, activations, scratch. All inputs go up in one copy at the
/// start of a step and <see cref="Fetch"/> brings what the host reads after it in one; other spans of the host are mirrors, copied when asked for.
/// </summary>
internal sealed class GpuMemory : ProgramMemory
{
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
    private readonly DeviceLayout layout;
    private bool weightsAreOld;
    private bool gradientsAreOld;

    // Kernels have written: what has no mirror yet need not be zero.
    private bool written;

    /// <param name="plan">The program's plan.</param>
    /// <param name="layout">What to allocate.</param>
    /// <param name="open">Opens a queue with so much memory.</param>
    public GpuMemory(PlanTable plan, DeviceLayout layout, Func<QueueMemory, GpuQueue> open)
        : base(plan)
    {
        this.layout = layout;
        outgoing = new float[layout.OutgoingFloats];
        incoming = new float[layout.IncomingFloats];
        weights = new float[plan.WeightFloats];
        gradients = new float[plan.WeightFloats];
        queue = open(new QueueMemory(layout.Floats, layout.Integers, layout.Reserve, Math.Max(outgoing.Length, incoming.Length)));
        queue.StoresBfloat16 = plan.StoresBfloat16;
        queue.Bfloat16Weights = layout.Weights16;
        executor = new GpuExecutor(queue, GpuQueue.Place(layout.Scratch), layout.ScratchFloats);
        var at = DeviceLayout.Up(plan.Integers);
        foreach (var port in DeviceLayout.Inputs(plan))
        {
            inputs.Add(new Input(port.Offset, at, port.Count));
            at += DeviceLayout.Up(port.Count);
        }

        var row = layout.InitialRows;
        foreach (var state in plan.States)
        {
            initialRows[state.Port.Offset] = new InitialRow(GpuQueue.Place(row), new float[state.InitRow.Length]);
            row += DeviceLayout.Up(state.InitRow.Length);
        }
    }

    public override Executor Executor => executor;

    public override GpuQueue Gpu => queue;

    public override Ref Weights => GpuQueue.Place(0);

    public override Ref Gradients => GpuQueue.Place(layout.Gradients);

    public override Ref Activations => GpuQueue.Place(layout.Activations);

    public override IntRef Integers => GpuQueue.IntPlace(0);

    public override long Bytes => layout.Bytes;

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
                queue.Download(layout.Gradients, gradients);
                gradientsAreOld = false;
            }

            return gradients;
        }
    }

    /// <summary>Floats that kernels outside the program fill (training: the gradients' norm) and that every <see cref="Fetch"/> brings along.</summary>
    public Ref Report => GpuQueue.Place(layout.Incoming);

    /// <summary>The report as the last <see cref="Fetch"/> found it.</summary>
    public ReadOnlySpan<float> HostReport => incoming.AsSpan(0, DeviceLayout.Report);

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
        Leave(state.Port.Offset); // what the host wrote to other samples must not be lost, nor overwrite the reset
        var row = initialRows[state.Port.Offset];
        if (!row.Host.AsSpan().SequenceEqual(state.InitRow))
        {
            state.InitRow.CopyTo(row.Host.AsSpan());
            queue.Upload(row.Host, GpuQueue.At(row.Place));
        }

        var length = state.Port.Count / Plan.Batch;
        GpuFill.Rows(queue, Activations + (state.Port.Offset + (sample * length)), length / row.Host.Length, row.Place, row.Host.Length);
        written = true;
    }

    public override void BeginStep(bool keepsInputs)
    {
        if (!keepsInputs)
        {
            queue.Upload(outgoing, layout.Outgoing);
            GpuCopy.ToIntegers(queue, GpuQueue.Place(layout.Outgoing), Integers, Plan.Integers);
            foreach (var input in inputs)
            {
                GpuCopy.Run(queue, GpuQueue.Place(layout.Outgoing + input.At), Activations + input.Offset, input.Count);
            }
        }

        foreach (var offset in mirrors.Keys)
        {
            Leave(offset);
        }

        gradientsAreOld = true;
        written = true;
    }

    /// <summary>Brings ports (of an input: its gradient) and the report to the host in one copy, after everything queued before.</summary>
    public void Fetch(ReadOnlySpan<Port> ports)
    {
        var at = (long)DeviceLayout.Report;
        foreach (var port in ports)
        {
            GpuCopy.Run(queue, Activations + Source(port), GpuQueue.Place(layout.Incoming + at), port.Count);
            at += DeviceLayout.Up(port.Count);
        }

        queue.Download(layout.Incoming, incoming.AsSpan(0, (int)at));
        at = DeviceLayout.Report;
        foreach (var port in ports)
        {
            var mirror = Find(Source(port), port.Count);
            incoming.AsSpan((int)at, (int)port.Count).CopyTo(mirror.Values);
            mirror.IsOld = false;
            at += DeviceLayout.Up(port.Count);
        }
    }

    /// <summary>Keeps a copy of all states on the device, in place of the one before.</summary>
    public void SaveStates() => CopyStates(save: true);

    /// <summary>Puts the copy back.</summary>
    public void RestoreStates() => CopyStates(save: false);

    public override void Fill(Ref start, long count, float value) => GpuFill.Run(queue, start, count, value);

    public override void Dispose()
    {
        executor.Dispose();
        queue.Dispose();
    }

    private void CopyStates(bool save)
    {
        var saved = GpuQueue.Place(layout.SavedStates);
        foreach (var state in Plan.States)
        {
            Leave(state.Port.Offset);
            var inside = Activations + state.Port.Offset;
            GpuCopy.Run(queue, save ? inside : saved, save ? saved : inside, state.Port.Count);
            saved += DeviceLayout.Up(state.Port.Count);
        }

        written = true;
    }

    /// <summary>From here on the device has the newest values of a mirror: what the host wrote to a state goes there.</summary>
    private void Leave(long offset)
    {
        if (!mirrors.TryGetValue(offset, out var mirror))
        {
            return;
        }

        if (mirror is { Writable: true, Touched: true, IsOld: false })
        {
            queue.Upload(mirror.Values, layout.Activations + offset);
        }

        (mirror.Touched, mirror.IsOld) = (false, true);
    }

    private long Source(Port port) => port.IsInput ? Plan.GradientOffsets[port.Name] : port.Offset;

    private Span<float> Read(long offset, long count)
    {
        var mirror = Find(offset, count);
        if (mirror.IsOld)
        {
            queue.Download(layout.Activations + offset, mirror.Values);
            mirror.IsOld = false;
        }

        mirror.Touched = true;
        return mirror.Values;
    }

    private Mirror Find(long offset, long count)
    {
        if (!mirrors.TryGetValue(offset, out var mirror))
        {
            mirrors[offset] = mirror = new Mirror(count, writable: initialRows.ContainsKey(offset)) { IsOld = written };
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

        /// <summary>The device has newer values; before any kernel both are zero.</summary>
        public bool IsOld { get; set; }

        /// <summary>The host has had the span since the last step, and may have written.</summary>
        public bool Touched { get; set; }
    }
}
