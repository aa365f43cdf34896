using System.Runtime.CompilerServices;
using Graph.Execution;

namespace Graph.Lanes;

/// <summary>One float. Exp and Log give the same bits as the vector lanes.</summary>
public readonly struct F32(float value) : ISimdLane<F32>, IFloatBits<F32>
{
    public float Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get; } = value;

    public static int Width => 1;

    public static F32 Zero => new(0);

    public static F32 One => new(1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Of(double value) => new((float)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator +(F32 a, F32 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator -(F32 a, F32 b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator -(F32 a) => new(-a.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator *(F32 a, F32 b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 operator /(F32 a, F32 b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 MulAdd(F32 a, F32 b, F32 c) => new(MathF.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Max(F32 a, F32 b) => new(float.MaxNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Min(F32 a, F32 b) => new(float.MinNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Exp(F32 a) => VectorMath.Exp(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Log(F32 a) => VectorMath.Log(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Sqrt(F32 a) => new(MathF.Sqrt(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 IfGreater(F32 a, F32 b, F32 yes, F32 no) => a.Value > b.Value ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F32 Load(Ref start, long index) => new(start[index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(F32 value, Ref start, long index) => start[index] = value.Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(F32 value) => value.Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(F32 value) => value.Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static F32 IFloatBits<F32>.Scale(F32 p, F32 n) => VectorMath.ScaleTwice(p, n);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static F32 IFloatBits<F32>.ToExponent(F32 a) => new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a.Value) << VectorMath.MantissaBits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static F32 IFloatBits<F32>.Exponent(F32 a) => new((BitConverter.SingleToInt32Bits(a.Value) - VectorMath.RootHalfBits) >> VectorMath.MantissaBits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static F32 IFloatBits<F32>.Mantissa(F32 a) => new(BitConverter.Int32BitsToSingle(((BitConverter.SingleToInt32Bits(a.Value) - VectorMath.RootHalfBits) & VectorMath.MantissaMask) + VectorMath.RootHalfBits));
}
