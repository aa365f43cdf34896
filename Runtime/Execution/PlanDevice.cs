namespace Graph.Execution;

/// <summary>
/// A device without memory: a program made for it has its plan, parameters, ports and states, but nothing to run in. For saying what a run
/// costs before anything is allocated.
/// </summary>
/// <param name="bfloat16">Plans for a device that stores activations as bfloat16.</param>
/// <param name="tensorCores">Plans for one whose products run on tensor cores, for which it has a copy of the weights.</param>
public sealed class PlanDevice(bool bfloat16 = false, bool tensorCores = false) : Device
{
    public override string Id => "plan";

    public override string Name => "memory plan";

    public override bool StoresBfloat16 => bfloat16;

    public override bool HasTensorCores => tensorCores;

    internal override ProgramMemory Allocate(CompiledProgram program) => new Unallocated(program.Table);

    private sealed class Unallocated(PlanTable plan) : ProgramMemory(plan)
    {
        /// <summary>None: a program takes its executor when it is made and uses it only in a step, which this memory refuses to begin.</summary>
        public override Executor Executor => null!;

        public override Ref Weights => default;

        public override Ref Gradients => default;

        public override Ref Activations => default;

        public override IntRef Integers => default;

        public override long Bytes => 0;

        public override Span<float> HostWeights => throw Refusal();

        public override Span<float> HostGradients => throw Refusal();

        public override Ref Packed(int parameter) => throw Refusal();

        public override Ref PackedBackward(int parameter) => throw Refusal();

        public override Span<float> Floats(Port port) => throw Refusal();

        public override Span<float> GradientOf(Port port, long offset) => throw Refusal();

        public override Span<int> Ints(Port port) => throw Refusal();

        public override void WeightsChanged() => throw Refusal();

        public override void BeginStep(bool keepsInputs) => throw Refusal();

        public override void Fill(Ref start, long count, float value) => throw Refusal();

        public override void Dispose()
        {
        }

        private static InvalidOperationException Refusal() => new("The program was only planned: it has no memory.");
    }
}
