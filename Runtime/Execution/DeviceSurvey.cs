namespace Graph.Execution;

/// <summary>
/// Notes what a program's launches ask a device's queue for, and runs none of them. Asking the operators themselves keeps one truth: a plan of
/// their scratch beside their code could be wrong.
/// </summary>
internal sealed class DeviceSurvey(PlanTable plan, DeviceLayout layout) : ProgramMemory(plan)
{
    private readonly SizeQueue queue = new() { StoresBfloat16 = plan.StoresBfloat16, Bfloat16Weights = layout.Weights16 };

    /// <summary>Where a product that waits would never run: every program on a device is surveyed before it runs.</summary>
    public void CheckNoneWaits() => queue.CheckNoneWaits();

    /// <summary>Floats of constants and of the largest scratch.</summary>
    public long Reserve => queue.Constants + DeviceLayout.Up(queue.Largest);

    public override Executor Executor => field ??= new GpuExecutor(queue, GpuQueue.Place(layout.Scratch), layout.ScratchFloats);

    public override Ref Weights => GpuQueue.Place(0);

    public override Ref Gradients => GpuQueue.Place(layout.Gradients);

    public override Ref Activations => GpuQueue.Place(layout.Activations);

    public override IntRef Integers => GpuQueue.IntPlace(0);

    public override long Bytes => 0;

    public override Span<float> HostWeights => default;

    public override Span<float> HostGradients => default;

    public override Ref Packed(int parameter) => GpuQueue.Place(Plan.Parameters[parameter].Offset);

    public override Ref PackedBackward(int parameter) => Packed(parameter);

    public override Span<float> Floats(Port port) => default;

    public override Span<float> GradientOf(Port port, long offset) => default;

    public override Span<int> Ints(Port port) => default;

    public override void WeightsChanged()
    {
    }

    public override void BeginStep(bool keepsInputs)
    {
    }

    public override void Fill(Ref start, long count, float value)
    {
    }

    public override void Dispose()
    {
    }

    private sealed class SizeQueue : GpuQueue
    {
        private readonly HashSet<object> keys = new(ReferenceEqualityComparer.Instance);

        public long Constants { get; private set; }

        public long Largest { get; private set; }

        public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
        {
        }

        public override void Upload(ReadOnlySpan<float> values, long offset)
        {
        }

        public override void Upload(ReadOnlySpan<int> values, long offset)
        {
        }

        public override void Download(long offset, Span<float> values)
        {
        }

        public override void Synchronize()
        {
        }

        public override Ref Table(object key, Func<float[]> make)
        {
            Constants += keys.Add(key) ? DeviceLayout.Up(make().Length) : 0;
            return Place(0);
        }

        public override Ref Scratch(long count)
        {
            Largest = Math.Max(Largest, count);
            return Place(0);
        }
    }
}
