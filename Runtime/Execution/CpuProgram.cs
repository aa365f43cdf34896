using Graph.Operators;

namespace Graph.Execution;

/// <summary>
/// Base of emitted programs on the CPU: the arenas that the plan asks for, packed weights and the executor. Everything is
/// allocated here, once; a step allocates nothing.
/// </summary>
public abstract class CpuProgram : RecursiveModel
{
    private readonly int threads;
    private readonly int lanes;
    private readonly List<long> packedForward = [];
    private readonly List<long> packedBackward = [];
    private PlanTable plan = null!;
    private Arena weights = null!;
    private Arena gradients = null!;
    private Arena packed = null!;
    private Arena activations = null!;
    private IntArena integers = null!;
    private CpuExecutor executor = null!;

    protected CpuProgram(string name, string size, int batch, int threads, int lanes)
        : base(name, size, batch)
    {
        this.threads = threads > 0 ? threads : Environment.ProcessorCount;
        this.lanes = lanes;
    }

    public CpuExecutor Executor => executor;

    /// <summary>The memory plan, for printing.</summary>
    public PlanTable Table => plan;

    /// <summary>Floats of packed weights.</summary>
    public long PackedFloats => packed.Length;

    /// <summary>First float of the activation arena; the plan's offsets count from here.</summary>
    public Ref Activations => activations.Start;

    /// <summary>First integer of the arena of integer inputs.</summary>
    public IntRef Integers => integers.Start;

    public override IReadOnlyList<Parameter> Parameters => plan.Parameters;

    public override IReadOnlyDictionary<string, Port> Ports => plan.Ports;

    public override IReadOnlyList<StatePort> States => plan.States;

    public override Span<float> Weights => weights.Span;

    public override Span<float> Gradients => gradients.Span;

    /// <summary>The parameter of that index as stored, e.g. [out, in].</summary>
    public Ref WeightAt(int parameter) => weights.Start + plan.Parameters[parameter].Offset;

    /// <summary>The parameter's gradient, in its shape.</summary>
    public Ref GradientAt(int parameter) => gradients.Start + plan.Parameters[parameter].Offset;

    /// <summary>The weight packed for y = x Wᵀ.</summary>
    public Ref Packed(int parameter) => packed.Start + packedForward[parameter];

    /// <summary>The weight packed for dx = dy W.</summary>
    public Ref PackedBackward(int parameter) => packed.Start + packedBackward[parameter];

    public override Span<float> Floats(Port port)
    {
        ArgumentNullException.ThrowIfNull(port);
        return (activations.Start + port.Offset).Span(port.Count);
    }

    public override Span<float> GradientOf(Port port)
    {
        ArgumentNullException.ThrowIfNull(port);
        return (activations.Start + plan.GradientOffsets[port.Name]).Span(port.Count);
    }

    public override Span<int> Ints(Port port)
    {
        ArgumentNullException.ThrowIfNull(port);
        return (integers.Start + port.Offset).Span(port.Count);
    }

    public override void WeightsChanged() => executor.Run(new PackWeights(this), plan.Parameters.Count);

    public override void Dispose()
    {
        executor.Dispose();
        weights.Dispose();
        gradients.Dispose();
        packed.Dispose();
        activations.Dispose();
        integers.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void Allocate(PlanTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        plan = table;
        plan.DeclareAll();
        var packedFloats = 0L;
        for (var i = 0; i < plan.Parameters.Count; i++)
        {
            packedForward.Add(packedFloats);
            if (plan.Packed[i])
            {
                var (o, k) = Matrix(plan.Parameters[i]);
                packedFloats += MatMul.PackedLength(k, o);
                packedBackward.Add(packedFloats);
                packedFloats += MatMul.PackedLength(o, k);
            }
            else
            {
                packedBackward.Add(packedFloats);
            }
        }

        weights = new Arena(plan.WeightFloats);
        gradients = new Arena(plan.WeightFloats);
        packed = new Arena(packedFloats);
        activations = new Arena(plan.FloatsPerSample * Batch);
        integers = new IntArena(plan.Integers);
        executor = new CpuExecutor(threads, lanes, ScratchFloats);
    }

    protected void ZeroGradients() => gradients.Span.Clear();

    protected void Zero(long offset, long perSample) => (activations.Start + offset).Span(perSample * Batch).Clear();

    /// <summary>The gradient of a per-sample loss.</summary>
    protected void Seed(long offset, float value) => (activations.Start + offset).Span(Batch).Fill(value);

    /// <summary>Floats of scratch per thread: what operators use plus a region's block.</summary>
    private static long ScratchFloats => LocalScratch.OperatorFloats + (1 << 20);

    private static (int Out, int In) Matrix(Parameter parameter) => (parameter.Shape[0], parameter.Shape[1]);

    private readonly struct PackWeights(CpuProgram program) : ILaunch
    {
        public void Run(in Worker worker, long unit)
        {
            var i = (int)unit;
            if (!program.plan.Packed[i])
            {
                return;
            }

            var (o, k) = Matrix(program.plan.Parameters[i]);
            var source = program.WeightAt(i);
            MatMul.Pack(source, k, k, o, true, program.Packed(i));
            MatMul.Pack(source, k, o, k, false, program.PackedBackward(i));
        }
    }
}
