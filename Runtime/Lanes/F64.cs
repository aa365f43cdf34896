using System.Runtime.CompilerServices;

namespace Graph.Lanes;

/// <summary>One double: the reference that float32 results are compared with.</summary>
public readonly struct F64(double value) : ILane<F64>
{
    public double Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get; } = value;

    public static F64 Zero => new(0);

    public static F64 One => new(1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 Of(double value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 operator +(F64 a, F64 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 operator -(F64 a, F64 b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 operator *(F64 a, F64 b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 operator /(F64 a, F64 b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 operator -(F64 a) => new(-a.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 MulAdd(F64 a, F64 b, F64 c) => new(Math.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 Max(F64 a, F64 b) => new(Math.Max(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 Min(F64 a, F64 b) => new(Math.Min(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 Exp(F64 a) => new(Math.Exp(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 Log(F64 a) => new(Math.Log(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 Sqrt(F64 a) => new(Math.Sqrt(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F64 IfGreater(F64 a, F64 b, F64 yes, F64 no) => a.Value > b.Value ? yes : no;
}
