namespace Graph.Execution;

/// <summary>One line of the plan's printout.</summary>
/// <param name="Name">Tensor or pool slot.</param>
/// <param name="Kind"><c>step</c>, <c>saved</c> or <c>pool</c>.</param>
/// <param name="PerSample">Floats per sample, padded to 16.</param>
/// <param name="Rounded">Stored as bfloat16: <paramref name="PerSample"/> are half as many floats as values.</param>
/// <param name="Turns">Copies of a saved tensor, one for each turn that carries gradient.</param>
/// <param name="Offset">First float in the activation arena, at the plan's batch.</param>
/// <param name="Lifetime">When it is alive.</param>
public sealed record PlanEntry(string Name, string Kind, long PerSample, bool Rounded, long Turns, long Offset, string Lifetime);

/// <summary>One node's share of the work.</summary>
/// <param name="Phase">Where it runs.</param>
/// <param name="Node">Path of the node.</param>
/// <param name="Operator">Its operator.</param>
/// <param name="Flops">Floating-point operations of one forward execution, per sample.</param>
/// <param name="Turns">Executions in a step.</param>
/// <param name="GradientTurns">Executions that carry gradient.</param>
/// <param name="Parameters">Its trainable scalars (shared ones are counted at every node that uses them).</param>
public sealed record WorkEntry(string Phase, string Node, string Operator, long Flops, long Turns, long GradientTurns, long Parameters);

/// <summary>
/// Carves the arenas in the order of the emitted plan. Every activation is a multiple of the batch, each padded to 16 floats per
/// sample, so the activation arena is exactly <see cref="FloatsPerSample"/> times the batch. Offsets count floats, also those of values stored as bfloat16.
/// </summary>
/// <param name="batch">Samples a step.</param>
/// <param name="bfloat16">For a device that stores activations as bfloat16 (<see cref="Device.StoresBfloat16"/>).</param>
public abstract class PlanTable(long batch, bool bfloat16)
{
    private readonly List<Parameter> parameters = [];
    private readonly List<bool> packed = [];
    private readonly List<PlanEntry> entries = [];
    private readonly Dictionary<string, Port> ports = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> gradients = new(StringComparer.Ordinal);
    private readonly List<StatePort> states = [];
    private readonly List<(string Name, long PerSample, bool Rounded)> frame = [];
    private readonly List<(long PerSample, int[] Floats, int[] Rounded)> scratches = [];
    private readonly List<string> graph = [];
    private readonly List<WorkEntry> work = [];
    private (string Name, long Turns, long GradientTurns) phase;
    private long frameLength;
    private long frameStart;

    public long Batch => batch;

    /// <summary>Values that all their launches can take so lie as bfloat16: two in the room of a float.</summary>
    public bool StoresBfloat16 => bfloat16;

    /// <summary>Floats in the weight arena.</summary>
    public long WeightFloats { get; private set; }

    /// <summary>Floats per sample in the activation arena.</summary>
    public long FloatsPerSample { get; private set; }

    /// <summary>Floats of scratch that a block of a region uses on the CPU, at most.</summary>
    public long BlockScratch { get; private set; }

    /// <summary>Integers in the arena of integer inputs.</summary>
    public long Integers { get; private set; }

    public IReadOnlyList<Parameter> Parameters => parameters;

    /// <summary>By parameter: whether row products read packed copies of it.</summary>
    public IReadOnlyList<bool> Packed => packed;

    public IReadOnlyList<PlanEntry> Entries => entries;

    public IReadOnlyDictionary<string, Port> Ports => ports;

    /// <summary>Offset of the gradient of an input, by port name.</summary>
    public IReadOnlyDictionary<string, long> GradientOffsets => gradients;

    public IReadOnlyList<StatePort> States => states;

    /// <summary>The graph as text, one line per instruction.</summary>
    public IReadOnlyList<string> GraphLines => graph;

    public IReadOnlyList<WorkEntry> WorkEntries => work;

    /// <summary>Floats of scratch that a region uses on a device, where it runs over all rows at once, at most; for any batch, as a refusal looks for one that fits.</summary>
    public long DeviceScratchAt(long samples) => scratches.Select(scratch => Sum(scratch.Floats, scratch.Rounded, scratch.PerSample * samples, bfloat16)).DefaultIfEmpty().Max();

    /// <summary>Declares the ports and states after the offsets are known.</summary>
    protected abstract void Declare();

    internal void DeclareAll() => Declare();

    protected int Parameter(string name, Init init, int fanIn, bool packed, params ReadOnlySpan<int> shape)
    {
        var parameter = new Parameter(name, shape.ToArray(), WeightFloats, init, fanIn);
        WeightFloats += Pad(parameter.Count);
        parameters.Add(parameter);
        this.packed.Add(packed);
        return parameters.Count - 1;
    }

    protected long Integer(string name, params ReadOnlySpan<int> shape)
    {
        var at = Integers;
        Integers += Pad(Product(shape)) * batch;
        _ = name;
        return at;
    }

    protected long Step(string name, params ReadOnlySpan<int> shape) => Take(name, "step", Product(shape), rounded: false, "whole step");

    protected long Pooled(string name, string tenants, bool rounded, long perSample) => Take(name, "pool", perSample, rounded, tenants);

    protected void BeginFrame()
    {
        frame.Clear();
        frameLength = 0;
        frameStart = FloatsPerSample * batch;
    }

    protected long Saved(string name, bool rounded, params ReadOnlySpan<int> shape)
    {
        var perSample = Floats(Product(shape), rounded);
        var at = frameStart + (frameLength * batch);
        frame.Add((name, perSample, rounded && bfloat16));
        frameLength += perSample;
        return at;
    }

    /// <summary>Ends a frame of saved values; returns the distance between the frames of two turns.</summary>
    protected long EndFrame(int turns)
    {
        var at = frameStart;
        foreach (var (name, perSample, rounded) in frame)
        {
            entries.Add(new PlanEntry(name, "saved", perSample, rounded, turns, at, "until its turn's backward"));
            at += perSample * batch;
        }

        FloatsPerSample += frameLength * turns;
        return frameLength * batch;
    }

    /// <summary>Values of a region that live in scratch.</summary>
    /// <param name="block">Rows, samples or columns of a block on the CPU.</param>
    /// <param name="perSample">The same of a sample.</param>
    /// <param name="floats">Of each slot of float32, for one row, sample or column.</param>
    /// <param name="rounded">Values of each slot that a device may store as bfloat16.</param>
    protected void Scratch(int block, int perSample, ReadOnlySpan<int> floats, ReadOnlySpan<int> rounded)
    {
        BlockScratch = Math.Max(BlockScratch, Sum(floats, rounded, block, bfloat16: false));
        scratches.Add((perSample, floats.ToArray(), rounded.ToArray()));
    }

    protected void Port(string name, long offset, bool integer, bool input, long gradient, params ReadOnlySpan<int> shape)
    {
        ports[name] = new Port(name, offset, [(int)batch, .. shape], integer, input);
        if (gradient >= 0)
        {
            gradients[name] = gradient;
        }
    }

    protected void State(string name, string init, long offset, params ReadOnlySpan<int> shape) =>
        states.Add(new StatePort(new Port(name, offset, [(int)batch, .. shape], Integer: false, IsInput: true), init, new float[shape[^1]]));

    protected void Graph(string line) => graph.Add(line);

    protected void BeginWork(string name, long turns, long gradientTurns) => phase = (name, turns, gradientTurns);

    protected void Work(string node, string name, long flops, params ReadOnlySpan<int> parameters)
    {
        var count = 0L;
        foreach (var parameter in parameters)
        {
            count += this.parameters[parameter].Count;
        }

        work.Add(new WorkEntry(phase.Name, node, name, flops, phase.Turns, phase.GradientTurns, count));
    }

    private static long Sum(ReadOnlySpan<int> floats, ReadOnlySpan<int> rounded, long rows, bool bfloat16)
    {
        var sum = 0L;
        foreach (var each in floats)
        {
            sum += LocalScratch.Length(each, rows);
        }

        foreach (var each in rounded)
        {
            sum += bfloat16 ? LocalScratch.RoundedLength(each, rows) : LocalScratch.Length(each, rows);
        }

        return sum;
    }

    private static long Product(ReadOnlySpan<int> shape)
    {
        var product = 1L;
        foreach (var dim in shape)
        {
            product *= dim;
        }

        return product;
    }

    private static long Pad(long floats) => (floats + 15) & ~15L;

    /// <summary>Room of a sample's values.</summary>
    private long Floats(long values, bool rounded) => Pad(rounded && bfloat16 ? (values + 1) / 2 : values);

    private long Take(string name, string kind, long perSample, bool rounded, string lifetime)
    {
        var floats = Floats(perSample, rounded);
        var at = FloatsPerSample * batch;
        entries.Add(new PlanEntry(name, kind, floats, rounded && bfloat16, 1, at, lifetime));
        FloatsPerSample += floats;
        return at;
    }
}
