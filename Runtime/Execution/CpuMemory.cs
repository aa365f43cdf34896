using Graph.Operators;

namespace Graph.Execution;

/// <summary>
/// Arenas outside the garbage-collected heap, weights packed for the micro-kernels, and the worker pool. No launch reads both packings of
/// a weight: forward turns come first, backward turns after them, so both share one place and each phase packs what it reads.
/// </summary>
internal sealed class CpuMemory : ProgramMemory
{
    /// <summary>Floats of a unit of <see cref="FillRange"/>.</summary>
    private const long FillFloats = 1 << 16;

    private readonly Ref[] places;
    private readonly Arena weights;
    private readonly Arena gradients;
    private readonly Arena packed;
    private readonly Arena activations;
    private readonly IntArena integers;
    private readonly CpuExecutor executor;
    private Packing packing;

    public CpuMemory(PlanTable plan, int threads, int lanes, bool bfloat16)
        : base(plan)
    {
        var parameters = plan.Parameters;
        packed = new Arena(PackedFloats(plan, bfloat16));
        places = new Ref[parameters.Count];
        var at = packed.Start;
        for (var i = 0; i < parameters.Count; i++)
        {
            if (plan.Packed[i])
            {
                places[i] = at;
                at += Length(parameters[i], bfloat16);
            }
        }

        weights = new Arena(plan.WeightFloats);
        gradients = new Arena(plan.WeightFloats);
        activations = new Arena(plan.FloatsPerSample * plan.Batch);
        integers = new IntArena(plan.Integers);
        executor = new CpuExecutor(threads, lanes, LocalScratch.OperatorFloats + plan.BlockScratch, bfloat16);
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

    public override Ref Packed(int parameter) => places[parameter];

    public override Ref PackedBackward(int parameter) => places[parameter];

    public override Span<float> Floats(Port port) => (activations.Start + port.Offset).Span(port.Count);

    public override Span<float> GradientOf(Port port, long offset) => (activations.Start + offset).Span(port.Count);

    public override Span<int> Ints(Port port) => (integers.Start + port.Offset).Span(port.Count);

    public override void WeightsChanged() => packing = Packing.None;

    public override void BeginStep(bool keepsInputs) => Pack(Packing.Forward);

    public override void BeginBackward() => Pack(Packing.Backward);

    public override void Fill(Ref start, long count, float value) =>
        executor.Run(new FillRange(start, count, value), (count + FillFloats - 1) / FillFloats);

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

    /// <summary>Floats of the packed weights.</summary>
    public static long PackedFloats(PlanTable plan, bool bfloat16) => plan.Parameters.Where((_, i) => plan.Packed[i]).Sum(parameter => Length(parameter, bfloat16));

    private static long Length(Parameter parameter, bool bfloat16)
    {
        var (o, k) = Matrix(parameter);
        return Math.Max(MatMul.PackedLength(k, o, bfloat16), MatMul.PackedLength(o, k, bfloat16));
    }

    private void Pack(Packing wanted)
    {
        if (packing != wanted)
        {
            packing = wanted;
            executor.Run(new PackWeights(this), Plan.Parameters.Count);
        }
    }

    /// <summary>What the packed weights are packed for.</summary>
    private enum Packing
    {
        None,
        Forward,
        Backward,
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
            if (memory.packing == Packing.Forward)
            {
                MatMul.Pack(source, k, k, o, true, memory.places[i], worker.Bfloat16);
            }
            else
            {
                MatMul.Pack(source, k, o, k, false, memory.places[i], worker.Bfloat16);
            }
        }
    }

    private readonly struct FillRange(Ref start, long count, float value) : ILaunch
    {
        public void Run(in Worker worker, long unit)
        {
            var first = unit * FillFloats;
            (start + first).Span(Math.Min(FillFloats, count - first)).Fill(value);
        }
    }
}
