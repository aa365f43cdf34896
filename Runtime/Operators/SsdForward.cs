using System.Runtime.CompilerServices;
using Graph.Execution;
using Graph.Lanes;

namespace Graph.Operators;

/// <summary>Forward of <see cref="SsdScan"/>: quadratic form inside chunks, states [state, P] between them (mamba2.md 2.1).</summary>
internal static class SsdForward
{
    /// <summary>Heads <paramref name="from"/> .. <paramref name="to"/>-1 of one group of one sample.</summary>
    public static void Run<V>(in Worker worker, in SsdShape shape, long sample, int group, int from, int to, Ref xbc, Ref dt, Ref aLog, Ref d, Ref y)
        where V : struct, ISimdLane<V>
    {
        int n = shape.State, p = shape.P, q = shape.Q, padded = shape.Padded;
        Ref b = worker.Scratch(0, shape.ForwardScratch);
        Ref c = b + (long)shape.T * n;
        Ref gram = c + (long)shape.T * n;
        Ref transposed = gram + (long)shape.T * padded;
        Ref m = transposed + (long)n * padded;
        Ref s = m + (long)q * padded;
        Ref x = s + (long)n * p;
        Ref scaled = x + (long)q * p;
        Ref output = scaled + (long)q * p;
        Ref alpha = output + (long)q * p;
        Ref rise = alpha + padded;
        Ref fall = rise + padded;
        Ref step = fall + padded;
        shape.Pack(xbc + (shape.E + group * n), shape.Width, sample, 0, shape.T, n, b);
        shape.Pack(xbc + (shape.E + (shape.Groups + group) * n), shape.Width, sample, 0, shape.T, n, c);
        shape.Gram<V>(b, c, transposed, gram);
        for (int head = from; head < to; head++)
        {
            float a = -MathF.Exp(aLog[head]);
            V skip = V.Of(d[head]);
            for (int first = 0; first < shape.T; first += q)
            {
                int rows = Math.Min(q, shape.T - first);
                shape.Decay<V>(dt, sample, head, first, rows, a, alpha, rise, fall, step);
                shape.Pack(xbc + head * p, shape.Width, sample, first, rows, p, x);
                if (first > 0)
                {
                    TileMath.Multiply<V>(rows, p, n, c + (long)first * n, n, 1, s, p, output, p, false);
                    for (int i = 0; i < rows; i++)
                    {
                        TileMath.ScaleTo<V>(rise[i], output + (long)i * p, output + (long)i * p, p);
                    }
                }

                for (int i = 0; i < rows; i++)
                {
                    Mix<V>(i, padded, gram + (long)(first + i) * padded, alpha, step, m + (long)i * padded);
                }

                for (int i = 0; i < rows; i += 4)
                {
                    TileMath.Multiply<V>(Math.Min(4, rows - i), p, Math.Min(rows, i + 4), m + (long)i * padded, padded, 1, x, p, output + (long)i * p, p, first > 0);
                }

                for (int i = 0; i < rows; i++)
                {
                    Ref target = y + (shape.Row(sample, first + i) * shape.E + head * p);
                    for (int k = 0; k < p; k += V.Width)
                    {
                        V.Store(V.MulAdd(skip, V.Load(x, (long)i * p + k), V.Load(output, (long)i * p + k)), target, k);
                    }
                }

                if (first + rows < shape.T)
                {
                    shape.Push<V>(s, b + (long)first * n, x, scaled, rise, fall, step, rows, first == 0);
                }
            }
        }
    }

    /// <summary>Row i of M: G_ij exp(α_i - α_j) dt_j for j ≤ i, zero after.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix<V>(int i, int padded, Ref gram, Ref alpha, Ref step, Ref m)
        where V : struct, ISimdLane<V>
    {
        V own = V.Of(alpha[i]);
        for (int j = 0; j <= i; j += V.Width)
        {
            V.Store(V.Exp(V.Min(own - V.Load(alpha, j), V.Zero)) * V.Load(step, j) * V.Load(gram, j), m, j);
        }

        (m + (i + 1)).Span(padded - i - 1).Clear();
    }
}
