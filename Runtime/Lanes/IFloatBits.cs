namespace Graph.Lanes;

/// <summary>The bit operations on float32 that <see cref="VectorMath"/> needs beyond arithmetic.</summary>
internal interface IFloatBits<T> : ISimdLane<T>
    where T : struct, IFloatBits<T>
{
    /// <summary>p * 2^n for whole n, rounded once.</summary>
    static abstract T Scale(T p, T n);

    /// <summary>The low mantissa bits moved into the exponent field.</summary>
    static abstract T ToExponent(T a);

    /// <summary>e of a = m * 2^e with m in [sqrt(1/2), sqrt(2)).</summary>
    static abstract T Exponent(T a);

    /// <summary>m of a = m * 2^e with m in [sqrt(1/2), sqrt(2)).</summary>
    static abstract T Mantissa(T a);
}
