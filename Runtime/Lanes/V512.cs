using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Graph.Execution;

namespace Graph.Lanes;

/// <summary>16 floats in one 512-bit vector.</summary>
public readonly struct V512(Vector512<float> value) : ISimdLane<V512>, IFloatBits<V512>
{
    public Vector512<float> Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get; } = value;

    public static int Width => 16;

    public static V512 Zero => new(Vector512<float>.Zero);

    public static V512 One => new(Vector512<float>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Of(double value) => new(Vector512.Create((float)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 operator +(V512 a, V512 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 operator -(V512 a, V512 b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 operator -(V512 a) => new(-a.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 operator *(V512 a, V512 b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 operator /(V512 a, V512 b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 MulAdd(V512 a, V512 b, V512 c) => new(Vector512.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Max(V512 a, V512 b) => new(Vector512.MaxNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Min(V512 a, V512 b) => new(Vector512.MinNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Exp(V512 a) => VectorMath.Exp(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Log(V512 a) => VectorMath.Log(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Sqrt(V512 a) => new(Vector512.Sqrt(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 IfGreater(V512 a, V512 b, V512 yes, V512 no) => new(Vector512.ConditionalSelect(Vector512.GreaterThan(a.Value, b.Value), yes.Value, no.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe V512 Load(Ref start, long index) => new(Vector512.Load(start.Pointer + index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(V512 value, Ref start, long index) => Vector512.Store(value.Value, start.Pointer + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V512 value) => V256.Sum(new V256(value.Value.GetLower() + value.Value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(V512 value) => V256.MaxAcross(new V256(Vector256.MaxNative(value.Value.GetLower(), value.Value.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V512 IFloatBits<V512>.Scale(V512 p, V512 n) => Avx512F.IsSupported ? new(Avx512F.Scale(p.Value, n.Value)) : VectorMath.ScaleTwice(p, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V512 IFloatBits<V512>.ToExponent(V512 a) =>
        new(Vector512.ShiftLeft(a.Value.AsInt32(), VectorMath.MantissaBits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V512 IFloatBits<V512>.Exponent(V512 a) =>
        new(Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(a.Value.AsInt32() - Vector512.Create(VectorMath.RootHalfBits), VectorMath.MantissaBits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V512 IFloatBits<V512>.Mantissa(V512 a) =>
        new((((a.Value.AsInt32() - Vector512.Create(VectorMath.RootHalfBits)) & Vector512.Create(VectorMath.MantissaMask)) + Vector512.Create(VectorMath.RootHalfBits)).AsSingle());
}
