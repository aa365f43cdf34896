using System.Runtime.InteropServices;

namespace Graph.Execution;

/// <summary>One zeroed block of float32 outside the garbage-collected heap, aligned to a cache line.</summary>
/// <remarks>The zeros come from the operating system, page by page at the first touch: what a program never reads costs no memory.</remarks>
public sealed unsafe class Arena : IDisposable
{
    private const nuint Line = 64;

    private void* block;
    private float* start;

    public Arena(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        nuint bytes = checked((nuint)Math.Max(length, 16) * sizeof(float));
        block = NativeMemory.AllocZeroed(checked(bytes + Line));
        start = (float*)(((nuint)block + Line - 1) & ~(Line - 1));
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
        NativeMemory.Free(block);
        block = null;
        start = null;
    }
}
