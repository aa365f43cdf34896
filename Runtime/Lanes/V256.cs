using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Graph.Execution;

namespace Graph.Lanes;

/// <summary>8 floats in one 256-bit vector.</summary>
public readonly struct V256(Vector256<float> value) : ISimdLane<V256>, IFloatBits<V256>
{
    public Vector256<float> Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get; } = value;

    public static int Width => 8;

    public static V256 Zero => new(Vector256<float>.Zero);

    public static V256 One => new(Vector256<float>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Of(double value) => new(Vector256.Create((float)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 operator +(V256 a, V256 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 operator -(V256 a, V256 b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 operator -(V256 a) => new(-a.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 operator *(V256 a, V256 b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 operator /(V256 a, V256 b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 MulAdd(V256 a, V256 b, V256 c) => new(Vector256.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Max(V256 a, V256 b) => new(Vector256.MaxNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Min(V256 a, V256 b) => new(Vector256.MinNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Exp(V256 a) => VectorMath.Exp(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Log(V256 a) => VectorMath.Log(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Sqrt(V256 a) => new(Vector256.Sqrt(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 IfGreater(V256 a, V256 b, V256 yes, V256 no) => new(Vector256.ConditionalSelect(Vector256.GreaterThan(a.Value, b.Value), yes.Value, no.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe V256 Load(Ref start, long index) => new(Vector256.Load(start.Pointer + index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(V256 value, Ref start, long index) => Vector256.Store(value.Value, start.Pointer + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V256 value) => V128.Sum(new V128(value.Value.GetLower() + value.Value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(V256 value) => V128.MaxAcross(new V128(Vector128.MaxNative(value.Value.GetLower(), value.Value.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V256 IFloatBits<V256>.Scale(V256 p, V256 n) => VectorMath.ScaleTwice(p, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V256 IFloatBits<V256>.ToExponent(V256 a) =>
        new(Vector256.ShiftLeft(a.Value.AsInt32(), VectorMath.MantissaBits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V256 IFloatBits<V256>.Exponent(V256 a) =>
        new(Vector256.ConvertToSingle(Vector256.ShiftRightArithmetic(a.Value.AsInt32() - Vector256.Create(VectorMath.RootHalfBits), VectorMath.MantissaBits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V256 IFloatBits<V256>.Mantissa(V256 a) =>
        new((((a.Value.AsInt32() - Vector256.Create(VectorMath.RootHalfBits)) & Vector256.Create(VectorMath.MantissaMask)) + Vector256.Create(VectorMath.RootHalfBits)).AsSingle());
}
