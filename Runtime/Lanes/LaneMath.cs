using System.Runtime.CompilerServices;

namespace Graph.Lanes;

/// <summary>Functions that several operators share, over any lane.</summary>
public static class LaneMath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sigmoid<T>(T u)
        where T : struct, ILane<T> => T.One / (T.One + T.Exp(-u));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Silu<T>(T u)
        where T : struct, ILane<T> => u / (T.One + T.Exp(-u));

    /// <summary>log(1 + exp(u)). Above 20 it is u in float32; below, Kahan's form of log1p keeps small results exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Softplus<T>(T u)
        where T : struct, ILane<T>
    {
        T e = T.Exp(T.Min(u, T.Of(20)));
        T t = T.One + e;
        T rounded = t - T.One;
        T log = T.IfGreater(rounded, T.Zero, T.Log(t) * e / T.IfGreater(rounded, T.Zero, rounded, T.One), e);
        return T.IfGreater(u, T.Of(20), u, log);
    }
}
