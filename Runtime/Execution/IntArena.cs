using System.Runtime.InteropServices;

namespace Graph.Execution;

/// <summary>One zeroed block of int32 outside the garbage-collected heap, aligned to a cache line.</summary>
public sealed unsafe class IntArena : IDisposable
{
    private int* start;

    public IntArena(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        nuint bytes = checked((nuint)Math.Max(length, 16) * sizeof(int));
        start = (int*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(start, bytes);
    }

    ~IntArena() => Free();

    public IntRef Start => new(start);

    public long Length { get; }

    /// <summary>All of the arena; only up to 2^31 - 1 integers.</summary>
    public Span<int> Span => Start.Span(Length);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(start);
        start = null;
    }
}
