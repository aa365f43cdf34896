using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Graph.Execution;

namespace Graph.Lanes;

/// <summary>4 floats in one 128-bit vector.</summary>
public readonly struct V128(Vector128<float> value) : ISimdLane<V128>, IFloatBits<V128>
{
    public Vector128<float> Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get; } = value;

    public static int Width => 4;

    public static V128 Zero => new(Vector128<float>.Zero);

    public static V128 One => new(Vector128<float>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Of(double value) => new(Vector128.Create((float)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 operator +(V128 a, V128 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 operator -(V128 a, V128 b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 operator -(V128 a) => new(-a.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 operator *(V128 a, V128 b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 operator /(V128 a, V128 b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 MulAdd(V128 a, V128 b, V128 c) => new(Vector128.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Max(V128 a, V128 b) => new(Vector128.MaxNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Min(V128 a, V128 b) => new(Vector128.MinNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Exp(V128 a) => VectorMath.Exp(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Log(V128 a) => VectorMath.Log(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Sqrt(V128 a) => new(Vector128.Sqrt(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 IfGreater(V128 a, V128 b, V128 yes, V128 no) => new(Vector128.ConditionalSelect(Vector128.GreaterThan(a.Value, b.Value), yes.Value, no.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe V128 Load(Ref start, long index) => new(Vector128.Load(start.Pointer + index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(V128 value, Ref start, long index) => Vector128.Store(value.Value, start.Pointer + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V128 value) => (value.Value[0] + value.Value[2]) + (value.Value[1] + value.Value[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(V128 value) => float.MaxNative(float.MaxNative(value.Value[0], value.Value[2]), float.MaxNative(value.Value[1], value.Value[3]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V128 IFloatBits<V128>.Scale(V128 p, V128 n) => VectorMath.ScaleTwice(p, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V128 IFloatBits<V128>.ToExponent(V128 a) =>
        new(Vector128.ShiftLeft(a.Value.AsInt32(), VectorMath.MantissaBits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V128 IFloatBits<V128>.Exponent(V128 a) =>
        new(Vector128.ConvertToSingle(Vector128.ShiftRightArithmetic(a.Value.AsInt32() - Vector128.Create(VectorMath.RootHalfBits), VectorMath.MantissaBits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V128 IFloatBits<V128>.Mantissa(V128 a) =>
        new((((a.Value.AsInt32() - Vector128.Create(VectorMath.RootHalfBits)) & Vector128.Create(VectorMath.MantissaMask)) + Vector128.Create(VectorMath.RootHalfBits)).AsSingle());
}
