using System.Runtime.CompilerServices;

namespace Graph.Execution;

/// <summary>
/// A place in an arena of float32. Emitted code passes these instead of pointers, so that a user's project
/// does not need <c>AllowUnsafeBlocks</c>; the JIT keeps it in a register like a pointer.
/// Offsets are 64-bit (architecture.md 3.13).
/// </summary>
public readonly unsafe struct Ref(float* pointer) : IRef<Ref>
{
    public float* Pointer { [MethodImpl(MethodImplOptions.AggressiveInlining)] get; } = pointer;

    public bool IsNull => Pointer is null;

    public ref float this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Pointer[index];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Ref operator +(Ref start, long offset) => new(start.Pointer + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Ref operator -(Ref start, long offset) => new(start.Pointer - offset);

    /// <summary>The next <paramref name="count"/> values as a span (at most 2^31 - 1 of them).</summary>
    public Span<float> Span(long count) => new(Pointer, checked((int)count));
}

/// <summary>A place in the arena of int32 inputs (tokens, labels, identifiers).</summary>
public readonly unsafe struct IntRef(int* pointer)
{
    public int* Pointer { [MethodImpl(MethodImplOptions.AggressiveInlining)] get; } = pointer;

    public ref int this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Pointer[index];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IntRef operator +(IntRef start, long offset) => new(start.Pointer + offset);

    public Span<int> Span(long count) => new(Pointer, checked((int)count));
}
