using Graph.Operators;
using ILGPU;

namespace Graph.Execution;

/// <summary>
/// A kernel of a device, as every one is declared: emitted row kernels, tile operators, optimisers. One signature, so that
/// loading, launching and proving kernels is the same code for all of them.
/// </summary>
/// <param name="floats">The device's float32 memory: weights, gradients, activations and everything else; offsets count from its start.</param>
/// <param name="integers">The device's int32 memory.</param>
/// <param name="a">Offsets and scalars.</param>
public delegate void GpuKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a);

/// <summary>
/// What a kernel gets besides memory. Plain fields of fixed meaning would need one struct a kernel, and every struct is a
/// code path in ILGPU's argument mapping; one struct for all is proven once.
/// </summary>
public struct GpuArguments
{
    // Offsets first: 8-byte fields before 4-byte ones avoids the packing trouble of reference/ilgpu.md 9.
    public long R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11, R12, R13, R14, R15;

    public int I0, I1, I2, I3, I4, I5, I6, I7, I8, I9, I10, I11, I12, I13, I14, I15;

    /// <summary>Distances between samples, of column kernels; others may use them as they like.</summary>
    public int J0, J1, J2, J3, J4, J5, J6, J7, J8, J9, J10, J11, J12, J13, J14, J15;

    public float F0, F1, F2, F3, F4, F5, F6, F7;
}

/// <summary>
/// Where launches go when the program is on a device: kernels are queued in order and run asynchronously. The CPU's worker has
/// none. Abstract, so that the CPU path can be compiled ahead of time without ILGPU's compiler.
/// </summary>
public abstract class GpuQueue : IDisposable
{
    private WaitingProduct? waiting;

    /// <summary>Where launches note their work and time; null, the default: nowhere. With one, every launch is waited for.</summary>
    public KernelProfile? Profile { get; set; }

    /// <summary>Queues a kernel. Groups are one-dimensional: <c>Grid.IdxX</c> below <paramref name="groups"/>, <c>Group.IdxX</c> below <paramref name="groupSize"/>.</summary>
    /// <param name="kernel">A static method; pass a cached delegate or a method group, which the compiler caches.</param>
    /// <param name="groups">Work-groups; 0 queues nothing.</param>
    /// <param name="groupSize">Work items of a group: a power of two of at most 256.</param>
    /// <param name="arguments">Offsets and scalars.</param>
    public abstract void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments);

    /// <summary>The program keeps activations as bfloat16 (<see cref="Device.StoresBfloat16"/>).</summary>
    public bool StoresBfloat16 { get; set; }

    /// <summary>
    /// The weights as bfloat16, where products run on tensor cores; null where all arithmetic is float32, as on every device but CUDA ones of
    /// compute capability 8.0 and later that were asked for it.
    /// </summary>
    public Bfloat16Copy? Bfloat16Weights { get; set; }

    /// <summary>Products may run on tensor cores: factors are bfloat16, sums are float32.</summary>
    public bool TensorCores => Bfloat16Weights is not null;

    /// <summary>Keeps a product until the row work that reads it is queued.</summary>
    /// <exception cref="InvalidOperationException">Another one waits: nothing has read it, and it would be lost.</exception>
    internal void Wait(in WaitingProduct product) =>
        waiting = waiting is null ? product : throw NothingCame();

    /// <summary>At the end of a pass nothing may wait.</summary>
    /// <exception cref="InvalidOperationException">A product waits, and nothing more comes that could take it.</exception>
    internal void CheckNoneWaits()
    {
        if (waiting is not null)
        {
            throw NothingCame();
        }
    }

    /// <summary>Hands over the product that waits, or null. Whoever takes it queues it.</summary>
    internal WaitingProduct? Take()
    {
        var taken = waiting;
        waiting = null;
        return taken;
    }

    /// <summary>Stops a program on a device at a tile operator that has no GPU half.</summary>
    /// <exception cref="GraphException">The worker is a device's.</exception>
    public static void Refuse(in Worker worker, string name)
    {
        if (worker.Gpu is not null)
        {
            throw new GraphException($"Operator {name} has no GPU half (LaunchAttribute.Gpu): run this model with --device cpu.");
        }
    }

    /// <summary>Queues a copy to the float memory.</summary>
    public abstract void Upload(ReadOnlySpan<float> values, long offset);

    /// <summary>Queues a copy to the integer memory.</summary>
    public abstract void Upload(ReadOnlySpan<int> values, long offset);

    /// <summary>Copies from the float memory, after everything queued before.</summary>
    public abstract void Download(long offset, Span<float> values);

    /// <summary>Waits for everything queued.</summary>
    public abstract void Synchronize();

    /// <summary>
    /// Constants that an operator keeps in device memory, e.g. sines: uploaded at the first call, found afterwards. The place may lie in
    /// what <see cref="Scratch"/> gave before, so an operator asks for its tables first.
    /// </summary>
    /// <param name="key">Compared by reference.</param>
    /// <param name="make">Called once.</param>
    public abstract Ref Table(object key, Func<float[]> make);

    /// <summary>
    /// Device memory for what one launch passes between its kernels. The next launch gets the same place: kernels run in order, so it is
    /// free when they start. Its content is not defined. The first call for a larger size may wait and move memory; offsets stay.
    /// </summary>
    /// <param name="count">Floats.</param>
    public abstract Ref Scratch(long count);

    /// <summary>Says what the next launch of a kernel works at least: the bound that <c>samples/Bench -- gpu</c> compares it with.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="flops">Floating-point operations.</param>
    /// <param name="bytes">Bytes between the chip and its memory if everything is moved once.</param>
    public void Work(GpuKernel kernel, double flops, double bytes) => Profile?.Work(kernel, flops, bytes);

    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>
    /// Offset of a place in the float memory; -1 for the null place. On a device a <see cref="Ref"/> is not a pointer that the host may
    /// follow: it counts from <see cref="Origin"/>, so that emitted launches do the same arithmetic on both kinds of memory.
    /// </summary>
    public static unsafe long At(Ref place) => place.IsNull ? -1 : place.Pointer - (float*)Origin;

    /// <summary>Offset of a place in the integer memory.</summary>
    public static unsafe long At(IntRef place) => place.Pointer - (int*)Origin;

    /// <summary>The place of an offset.</summary>
    public static unsafe Ref Place(long offset) => new((float*)Origin + offset);

    /// <summary>The place of an offset in the integer memory.</summary>
    public static unsafe IntRef IntPlace(long offset) => new((int*)Origin + offset);

    private static InvalidOperationException NothingCame() => new("A product waits for row work that did not come: a bug of the generator.");

    /// <summary>
    /// Stands for the start of device memory. An unmapped address far from null: arithmetic before the start stays positive, and a
    /// host access is a fault, never a silent read of something else.
    /// </summary>
    private const long Origin = 1L << 60;
}
