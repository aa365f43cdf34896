using System.Runtime.CompilerServices;
using Graph.Execution;
using Graph.Lanes;

namespace Graph.Operators;

/// <summary>Sizes of one SSD scan and the small steps that forward and backward share (mamba2.md 2.1 symbols).</summary>
internal readonly struct SsdShape(int t, int e, int heads, int groups, int state, int chunk, int direction)
{
    /// <summary>Up to here one chunk (the quadratic form) is fastest (mamba2.md 2.4).</summary>
    private const int QuadraticLimit = 256;

    public int T => t;

    public int E => e;

    public int Heads => heads;

    public int State => state;

    public int Groups => groups;

    public int Direction => direction;

    /// <summary>Features a head, P.</summary>
    public int P => e / heads;

    /// <summary>Heads a group: they share B and C.</summary>
    public int GroupHeads => heads / groups;

    /// <summary>Floats a row of xbc.</summary>
    public int Width => e + 2 * groups * state;

    /// <summary>Positions a chunk, Q.</summary>
    public int Q => t <= QuadraticLimit ? t : chunk;

    /// <summary>Row length of Q x Q matrices.</summary>
    public int Padded => TileMath.Pad(Q);

    public int Chunks => (t + Q - 1) / Q;

    public long ForwardScratch => 2L * T * State + (long)T * Padded + (long)State * Padded + (long)Q * Padded + (long)State * P + 3L * Q * P + 4L * Padded;

    public long BackwardScratch =>
        4L * T * State + 2L * T * Padded + (long)State * Padded + 2L * Q * Padded + (long)P * Padded + 5L * Q * P
        + ((long)Chunks + 2) * State * P + (long)Q * State + 8L * Padded;

    /// <summary>Row of the arena that holds scan step <paramref name="i"/> of a sample.</summary>
    public long Row(long sample, int i) => sample * t + (direction > 0 ? i : t - 1 - i);

    /// <summary>Copies <paramref name="columns"/> columns of scan steps first .. first+rows-1 into a contiguous tile.</summary>
    public void Pack(Ref source, long stride, long sample, int first, int rows, int columns, Ref target)
    {
        for (int i = 0; i < rows; i++)
        {
            (source + Row(sample, first + i) * stride).Span(columns).CopyTo((target + (long)i * columns).Span(columns));
        }
    }

    /// <summary>
    /// Per scan step of the chunk: alpha = running sum of dt A, <c>rise</c> = exp(alpha), <c>fall</c> = exp(alpha_last - alpha);
    /// exponents are never positive. Padding repeats alpha_last with dt = 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Decay<V>(Ref dt, long sample, int head, int first, int rows, float a, Ref alpha, Ref rise, Ref fall, Ref step)
        where V : struct, ISimdLane<V>
    {
        float sum = 0;
        for (int i = 0; i < rows; i++)
        {
            step[i] = dt[Row(sample, first + i) * heads + head];
            sum += step[i] * a;
            alpha[i] = sum;
        }

        for (int i = rows; i < Padded; i++)
        {
            alpha[i] = sum;
            step[i] = 0;
        }

        V last = V.Of(sum);
        for (int i = 0; i < Padded; i += V.Width)
        {
            V own = V.Load(alpha, i);
            V.Store(V.Exp(V.Min(own, V.Zero)), rise, i);
            V.Store(V.Exp(V.Min(last - own, V.Zero)), fall, i);
        }
    }

    /// <summary>Rows of G = C Bᵀ chunk by chunk, lower triangle (whole lanes); <paramref name="transposed"/> is scratch for Bᵀ.</summary>
    public void Gram<V>(Ref b, Ref c, Ref transposed, Ref gram)
        where V : struct, ISimdLane<V>
    {
        for (int first = 0; first < t; first += Q)
        {
            int rows = Math.Min(Q, t - first);
            TileMath.Transpose(rows, state, b + (long)first * state, state, transposed, Padded);
            for (int i = 0; i < rows; i += 4)
            {
                long at = first + i;
                TileMath.Multiply<V>(Math.Min(4, rows - i), TileMath.Pad(i + 4), state, c + at * state, state, 1, transposed, Padded, gram + at * Padded, Padded, false);
            }
        }
    }

    /// <summary>S = exp(alpha_last) S + Σ_j fall_j dt_j B_j ⊗ x_j, S as [state, P]; <paramref name="scaled"/> is scratch.</summary>
    public void Push<V>(Ref s, Ref b, Ref x, Ref scaled, Ref rise, Ref fall, Ref step, int rows, bool empty)
        where V : struct, ISimdLane<V>
    {
        for (int i = 0; i < rows; i++)
        {
            TileMath.ScaleTo<V>(fall[i] * step[i], x + (long)i * P, scaled + (long)i * P, P);
        }

        if (!empty)
        {
            TileMath.ScaleTo<V>(rise[rows - 1], s, s, (long)state * P);
        }

        TileMath.Multiply<V>(state, P, rows, b, 1, state, scaled, P, s, P, !empty);
    }
}
