using System.Runtime.InteropServices;

namespace Graph.Execution;

/// <summary>One zeroed block of float32 outside the garbage-collected heap, aligned to a cache line.</summary>
public sealed unsafe class Arena : IDisposable
{
    private float* start;

    public Arena(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        nuint bytes = checked((nuint)Math.Max(length, 16) * sizeof(float));
        start = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(start, bytes);
    }

    ~Arena() => Free();

    public Ref Start => new(start);

    public long Length { get; }

    /// <summary>All of the arena; only up to 2^31 - 1 floats.</summary>
    public Span<float> Span => Start.Span(Length);

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
