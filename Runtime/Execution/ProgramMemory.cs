namespace Graph.Execution;

/// <summary>
/// All memory of one program with the executor that works in it, allocated once from the plan. Launches see places
/// (<see cref="Ref"/>); the host sees spans, which on a device are mirrors.
/// </summary>
public abstract class ProgramMemory(PlanTable plan) : IDisposable
{
    public PlanTable Plan => plan;

    public abstract Executor Executor { get; }

    /// <summary>The device's queue; null on the CPU.</summary>
    public virtual GpuQueue? Gpu => null;

    /// <summary>First parameter; offsets are <see cref="Parameter.Offset"/>.</summary>
    public abstract Ref Weights { get; }

    public abstract Ref Gradients { get; }

    /// <summary>First activation; the plan's offsets count from here.</summary>
    public abstract Ref Activations { get; }

    public abstract IntRef Integers { get; }

    /// <summary>Bytes allocated, for reports.</summary>
    public abstract long Bytes { get; }

    /// <summary>The weight as the product y = x Wᵀ reads it.</summary>
    public abstract Ref Packed(int parameter);

    /// <summary>The weight as the product dx = dy W reads it.</summary>
    public abstract Ref PackedBackward(int parameter);

    public abstract Span<float> HostWeights { get; }

    public abstract Span<float> HostGradients { get; }

    public abstract Span<float> Floats(Port port);

    public abstract Span<float> GradientOf(Port port, long offset);

    public abstract Span<int> Ints(Port port);

    /// <summary>What the host wrote to the weights reaches the kernels.</summary>
    public abstract void WeightsChanged();

    /// <summary>What the host wrote to inputs and states reaches the kernels; outputs become the next step's.</summary>
    /// <param name="keepsInputs">What it wrote to inputs need not.</param>
    public abstract void BeginStep(bool keepsInputs);

    /// <summary>From now on until the next step launches read <see cref="PackedBackward"/> and not <see cref="Packed"/>.</summary>
    public virtual void BeginBackward()
    {
    }

    /// <summary>Writes one value to a range of activations or gradients, in the order of the launches.</summary>
    public abstract void Fill(Ref start, long count, float value);

    public abstract void Dispose();
}
