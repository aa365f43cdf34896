using System.Runtime.CompilerServices;

namespace Graph.Execution;

/// <summary>
/// What one thread of the pool brings to a unit of work: its scratch memory, the widest SIMD lane it may use and how it multiplies.
/// </summary>
/// <param name="index">0-based index of the thread; results never depend on it.</param>
/// <param name="scratch">Thread-private scratch, 64-byte aligned.</param>
/// <param name="scratchLength">Length of the scratch in floats.</param>
/// <param name="lanes">Widest lane in floats: 16, 8, 4 or 1. Tests force the narrower ones.</param>
/// <param name="gpu">Where kernels go when the program is on a device; null on the CPU.</param>
/// <param name="units">On a device: the units of the launch, which then runs once, as unit 0, and queues kernels for all of them.</param>
/// <param name="bfloat16">On the CPU: products round their factors to bfloat16; packed weights are pairs then.</param>
public readonly struct Worker(int index, Ref scratch, long scratchLength, int lanes, GpuQueue? gpu = null, long units = 1, bool bfloat16 = false)
{
    /// <summary>Null on the CPU. A tile operator that has device kernels queues them here instead of doing the unit's work.</summary>
    public GpuQueue? Gpu => gpu;

    /// <summary>On a device, the units of the launch.</summary>
    public long Units => units;

    /// <summary>Samples of a region over samples: one a unit, or on a device all.</summary>
    public int Samples => gpu is null ? 1 : (int)units;

    public int Index => index;

    public int Lanes => lanes;

    /// <summary>Whether products of the CPU round their factors to bfloat16.</summary>
    public bool Bfloat16 => bfloat16;

    public long ScratchLength => scratchLength;

    /// <summary>The thread's scratch memory from <paramref name="offset"/> on. A unit may use all of it; nothing survives the unit.</summary>
    /// <exception cref="InvalidOperationException">The scratch is smaller than the unit needs: a bug of the plan.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Ref Scratch(long offset, long length)
    {
        if (offset + length > scratchLength)
        {
            TooSmall(offset + length, scratchLength);
        }

        return scratch + offset;
    }

    private static void TooSmall(long needed, long available) =>
        throw new InvalidOperationException($"A unit of work needs {needed} floats of scratch, the worker has {available}.");
}
