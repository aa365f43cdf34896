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

/// <summary>A float32 lane that can touch memory: <c>V512</c>, <c>V256</c>, <c>V128</c> and the scalar <c>F32</c>.</summary>
public interface ISimdLane<T> : ILane<T>
    where T : struct, ISimdLane<T>
{
    /// <summary>Floats in the lane: 16, 8, 4 or 1.</summary>
    static abstract int Width { get; }

    static abstract T Load(Ref start, long index);

    static abstract void Store(T value, Ref start, long index);

    /// <summary>Sum of the lane's elements in a fixed order.</summary>
    static abstract float Sum(T value);

    static abstract float MaxAcross(T value);
}
