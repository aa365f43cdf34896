using Graph.Operators;

namespace Graph.Execution;

/// <summary>Arenas outside the garbage-collected heap, weights packed for the micro-kernels in both directions, and the worker pool.</summary>
internal sealed class CpuMemory : ProgramMemory
{
    private readonly Ref[] forward;
    private readonly Ref[] backward;
    private readonly Arena weights;
    private readonly Arena gradients;
    private readonly Arena packed;
    private readonly Arena activations;
    private readonly IntArena integers;
    private readonly CpuExecutor executor;

    public CpuMemory(PlanTable plan, int threads, int lanes)
        : base(plan)
    {
        var parameters = plan.Parameters;
        packed = new Arena(parameters.Where((_, i) => plan.Packed[i]).Sum(p => Lengths(p).Forward + Lengths(p).Backward));
        forward = new Ref[parameters.Count];
        backward = new Ref[parameters.Count];
        var at = packed.Start;
        for (var i = 0; i < parameters.Count; i++)
        {
            if (plan.Packed[i])
            {
                var (forwardFloats, backwardFloats) = Lengths(parameters[i]);
                forward[i] = at;
                backward[i] = at + forwardFloats;
                at += forwardFloats + backwardFloats;
            }
        }

        weights = new Arena(plan.WeightFloats);
        gradients = new Arena(plan.WeightFloats);
        activations = new Arena(plan.FloatsPerSample * plan.Batch);
        integers = new IntArena(plan.Integers);
        executor = new CpuExecutor(threads, lanes, LocalScratch.OperatorFloats + plan.BlockScratch);
    }

    public override Executor Executor => executor;

    public override Ref Weights => weights.Start;

    public override Ref Gradients => gradients.Start;

    public override Ref Activations => activations.Start;

    public override IntRef Integers => integers.Start;

    public override long Bytes => sizeof(float) * (weights.Length + gradients.Length + packed.Length + activations.Length + integers.Length
        + (executor.Threads * (LocalScratch.OperatorFloats + Plan.BlockScratch)));

    public override Span<float> HostWeights => weights.Span;

    public override Span<float> HostGradients => gradients.Span;

    public override Ref Packed(int parameter) => forward[parameter];

    public override Ref PackedBackward(int parameter) => backward[parameter];

    public override Span<float> Floats(Port port) => (activations.Start + port.Offset).Span(port.Count);

    public override Span<float> GradientOf(Port port, long offset) => (activations.Start + offset).Span(port.Count);

    public override Span<int> Ints(Port port) => (integers.Start + port.Offset).Span(port.Count);

    public override void WeightsChanged() => executor.Run(new PackWeights(this), Plan.Parameters.Count);

    public override void BeginStep()
    {
    }

    public override void Fill(Ref start, long count, float value) => start.Span(count).Fill(value);

    public override void Dispose()
    {
        executor.Dispose();
        weights.Dispose();
        gradients.Dispose();
        packed.Dispose();
        activations.Dispose();
        integers.Dispose();
    }

    private static (int Out, int In) Matrix(Parameter parameter) => (parameter.Shape[0], parameter.Shape[1]);

    private static (long Forward, long Backward) Lengths(Parameter parameter)
    {
        var (o, k) = Matrix(parameter);
        return (MatMul.PackedLength(k, o), MatMul.PackedLength(o, k));
    }

    private readonly struct PackWeights(CpuMemory memory) : ILaunch
    {
        public void Run(in Worker worker, long unit)
        {
            var i = (int)unit;
            if (!memory.Plan.Packed[i])
            {
                return;
            }

            var (o, k) = Matrix(memory.Plan.Parameters[i]);
            var source = memory.Weights + memory.Plan.Parameters[i].Offset;
            MatMul.Pack(source, k, k, o, true, memory.forward[i]);
            MatMul.Pack(source, k, o, k, false, memory.backward[i]);
        }
    }
}
