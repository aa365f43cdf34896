using Graph.Execution;

namespace Graph.Lanes;

/// <summary>
/// The number type that operator maths is generic over (architecture.md 3.1): one float, a SIMD vector, a double
/// (the reference), or a dual number (the proof of a backward).
/// </summary>
public interface ILane<T>
    where T : struct, ILane<T>
{
    static abstract T Zero { get; }

    static abstract T One { get; }

    static abstract T Of(double value);

    static abstract T operator +(T a, T b);

    static abstract T operator -(T a, T b);

    static abstract T operator -(T a);

    static abstract T operator *(T a, T b);

    static abstract T operator /(T a, T b);

    /// <summary>a * b + c, fused where the lane can.</summary>
    static abstract T MulAdd(T a, T b, T c);

    static abstract T Max(T a, T b);

    static abstract T Min(T a, T b);

    static abstract T Exp(T a);

    static abstract T Log(T a);

    static abstract T Sqrt(T a);

    /// <summary>Element-wise <c>a &gt; b ? yes : no</c>. Selects, so an infinite value in the lane not taken is harmless.</summary>
    static abstract T IfGreater(T a, T b, T yes, T no);
}

/// <summary>
/// A float32 lane as emitted row kernels use it: lanes stride over a row, and a row is reduced over all of them. On the CPU one
/// SIMD lane walks the whole row; on a device the work items of a group walk it together.
/// </summary>
/// <typeparam name="T">The lane.</typeparam>
/// <typeparam name="TRef">A place in the memory that it can touch.</typeparam>
public interface IRowLane<T, TRef> : ILane<T>
    where T : struct, IRowLane<T, TRef>
    where TRef : struct, IRef<TRef>
{
    /// <summary>The first column of this lane.</summary>
    static abstract int First { get; }

    /// <summary>From one column of this lane to its next.</summary>
    static abstract int Step { get; }

    static abstract T Load(TRef start, long index);

    static abstract void Store(T value, TRef start, long index);

    /// <summary>One value of a row, for all lanes.</summary>
    static abstract T LoadRow(TRef start, long row);

    /// <summary>Stores a value that all lanes of the row share.</summary>
    static abstract void StoreRow(T value, TRef start, long row);

    /// <summary>Sum over all lanes of the row in a fixed order, for all of them.</summary>
    static abstract T SumRow(T value);
}

/// <summary>A float32 lane of the CPU: <c>V512</c>, <c>V256</c>, <c>V128</c> and the scalar <c>F32</c>.</summary>
public interface ISimdLane<T> : IRowLane<T, Ref>
    where T : struct, ISimdLane<T>
{
    /// <summary>Floats in the lane: 16, 8, 4 or 1.</summary>
    static abstract int Width { get; }

    static int IRowLane<T, Ref>.First => 0;

    static int IRowLane<T, Ref>.Step => T.Width;

    /// <summary>Sum of the lane's elements in a fixed order.</summary>
    static abstract float Sum(T value);

    static abstract float MaxAcross(T value);

    static T IRowLane<T, Ref>.LoadRow(Ref start, long row) => T.Of(start[row]);

    static void IRowLane<T, Ref>.StoreRow(T value, Ref start, long row) => start[row] = T.MaxAcross(value);

    static T IRowLane<T, Ref>.SumRow(T value) => T.Of(T.Sum(value));
}
