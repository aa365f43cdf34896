using System.Runtime.CompilerServices;
using Graph.Execution;
using Graph.Lanes;

namespace Graph.Operators;

/// <summary>
/// Backward of <see cref="SsdScan"/> (mamba2.md 3.3, "RowCol" assembly of d(dt A)). Chunk states are rebuilt; one sample at a
/// time, all heads of a group in order, so dB, dC and dG need no reduction across threads.
/// </summary>
internal readonly struct SsdBackward
{
    private readonly SsdShape shape;
    private readonly Ref b, c, db, dc, gram, dgram, transposed, m, k, xT, x, g, q, tile, scaled, states, e, swap, wide;
    private readonly Ref alpha, rise, fall, step, column, row, v, r;

    public SsdBackward(in Worker worker, in SsdShape shape)
    {
        this.shape = shape;
        long tn = (long)shape.T * shape.State, tq = (long)shape.T * shape.Padded, qp = (long)shape.Q * shape.P;
        long qq = (long)shape.Q * shape.Padded, np = (long)shape.State * shape.P;
        b = worker.Scratch(0, shape.BackwardScratch);
        c = b + tn;
        db = c + tn;
        dc = db + tn;
        gram = dc + tn;
        dgram = gram + tq;
        transposed = dgram + tq;
        m = transposed + (long)shape.State * shape.Padded;
        k = m + qq;
        xT = k + qq;
        x = xT + (long)shape.P * shape.Padded;
        g = x + qp;
        q = g + qp;
        tile = q + qp;
        scaled = tile + qp;
        states = scaled + qp;
        e = states + shape.Chunks * np;
        swap = e + np;
        wide = swap + np;
        alpha = wide + (long)shape.Q * shape.State;
        rise = alpha + shape.Padded;
        fall = rise + shape.Padded;
        step = fall + shape.Padded;
        column = step + shape.Padded;
        row = column + shape.Padded;
        v = row + shape.Padded;
        r = v + shape.Padded;
    }

    /// <summary>One group of one sample; <paramref name="partial"/> receives the sample's dA_log and dD of its heads.</summary>
    public void Run<V>(long sample, int group, Ref xbc, Ref dt, Ref aLog, Ref d, Ref dy, Ref dxbc, Ref ddt, Ref partial)
        where V : struct, ISimdLane<V>
    {
        int n = shape.State, padded = shape.Padded;
        shape.Pack(xbc + (shape.E + group * n), shape.Width, sample, 0, shape.T, n, b);
        shape.Pack(xbc + (shape.E + (shape.Groups + group) * n), shape.Width, sample, 0, shape.T, n, c);
        shape.Gram<V>(b, c, transposed, gram);
        db.Span((long)shape.T * n).Clear();
        dc.Span((long)shape.T * n).Clear();
        dgram.Span((long)shape.T * padded).Clear();
        for (int head = group * shape.GroupHeads; head < (group + 1) * shape.GroupHeads; head++)
        {
            float a = -MathF.Exp(aLog[head]);
            (float da, float dd) = Head<V>(sample, head, a, d[head], xbc, dt, dy, dxbc, ddt);
            partial[sample * 2 * shape.Heads + head] = da * a;
            partial[sample * 2 * shape.Heads + shape.Heads + head] = dd;
        }

        for (int first = 0; first < shape.T; first += shape.Q)
        {
            int rows = Math.Min(shape.Q, shape.T - first);
            for (int i = 0; i < rows; i += 4)
            {
                long at = (long)first + i;
                int few = Math.Min(4, rows - i);
                TileMath.Multiply<V>(few, n, rows - i, dgram + (at * padded + i), 1, padded, c + at * n, n, db + at * n, n, true);
                TileMath.Multiply<V>(few, n, Math.Min(rows, i + 4), dgram + at * padded, padded, 1, b + (long)first * n, n, dc + at * n, n, true);
            }
        }

        for (int i = 0; i < shape.T; i++)
        {
            Ref target = dxbc + (shape.Row(sample, i) * shape.Width + shape.E + group * n);
            (db + (long)i * n).Span(n).CopyTo(target.Span(n));
            (dc + (long)i * n).Span(n).CopyTo((target + (long)shape.Groups * n).Span(n));
        }
    }

    private (float DA, float DD) Head<V>(long sample, int head, float a, float d, Ref xbc, Ref dt, Ref dy, Ref dxbc, Ref ddt)
        where V : struct, ISimdLane<V>
    {
        int n = shape.State, p = shape.P, size = shape.Q;
        long np = (long)n * p;
        for (int chunk = 0; chunk + 1 < shape.Chunks; chunk++)
        {
            int first = chunk * size;
            shape.Decay<V>(dt, sample, head, first, size, a, alpha, rise, fall, step);
            shape.Pack(xbc + head * p, shape.Width, sample, first, size, p, x);
            Ref next = states + (chunk + 1) * np;
            (states + chunk * np).Span(np).CopyTo(next.Span(np));
            shape.Push<V>(next, b + (long)first * n, x, scaled, rise, fall, step, size, chunk == 0);
        }

        float da = 0, dd = 0;
        for (int chunk = shape.Chunks - 1; chunk >= 0; chunk--)
        {
            int first = chunk * size;
            int rows = Math.Min(size, shape.T - first);
            bool later = chunk + 1 < shape.Chunks;
            shape.Decay<V>(dt, sample, head, first, rows, a, alpha, rise, fall, step);
            shape.Pack(xbc + head * p, shape.Width, sample, first, rows, p, x);
            shape.Pack(dy + head * p, shape.E, sample, first, rows, p, g);
            column.Span(4L * shape.Padded).Clear();
            Inside<V>(first, rows);
            if (later)
            {
                FromEndState<V>(first, rows);
            }

            float total = chunk > 0 ? FromStartState<V>(first, rows, states + chunk * np, later) : 0;
            Assemble(rows, total);
            for (int i = 0; i < rows; i++)
            {
                long place = shape.Row(sample, first + i);
                Ref target = dxbc + (place * shape.Width + head * p);
                V dtv = V.Of(step[i]), skip = V.Of(d);
                for (int l = 0; l < p; l += V.Width)
                {
                    V.Store(V.MulAdd(dtv, V.Load(q, (long)i * p + l), skip * V.Load(g, (long)i * p + l)), target, l);
                }

                ddt[place * shape.Heads + head] = TileMath.Dot<V>(q + (long)i * p, x + (long)i * p, p) + a * column[i];
                da += step[i] * column[i];
                dd += TileMath.Dot<V>(g + (long)i * p, x + (long)i * p, p);
            }
        }

        return (da, dd);
    }

    /// <summary>K = dY Xᵀ, dG += K l dt, row and column sums of Z, q = (G l)ᵀ dY.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Inside<V>(int first, int rows)
        where V : struct, ISimdLane<V>
    {
        int p = shape.P, padded = shape.Padded;
        TileMath.Transpose(rows, p, x, p, xT, padded);
        for (int i = 0; i < rows; i += 4)
        {
            TileMath.Multiply<V>(Math.Min(4, rows - i), TileMath.Pad(i + 4), p, g + (long)i * p, p, 1, xT, padded, k + (long)i * padded, padded, false);
        }

        for (int i = 0; i < rows; i++)
        {
            Ref mi = m + (long)i * padded, ki = k + (long)i * padded;
            Ref gi = gram + (long)(first + i) * padded, dgi = dgram + (long)(first + i) * padded;
            V own = V.Of(alpha[i]);
            for (int j = 0; j <= i; j += V.Width)
            {
                V.Store(V.Exp(V.Min(own - V.Load(alpha, j), V.Zero)), mi, j);
            }

            (mi + (i + 1)).Span(padded - i - 1).Clear();
            for (int j = 0; j <= i; j += V.Width)
            {
                V l = V.Load(mi, j), gv = V.Load(gi, j);
                V dg = V.Load(ki, j) * l * V.Load(step, j);
                V.Store(V.Load(dgi, j) + dg, dgi, j);
                V.Store(gv * l, mi, j);
                V.Store(dg * gv, ki, j);
            }

            // The diagonal of Z never reaches alpha: exp(α_i - α_i) is constant.
            ki[i] = 0;
            V sum = V.Zero;
            for (int j = 0; j <= i; j += V.Width)
            {
                V z = V.Load(ki, j);
                sum += z;
                V.Store(V.Load(column, j) + z, column, j);
            }

            row[i] = V.Sum(sum);
        }

        for (int j = 0; j < rows; j += 4)
        {
            TileMath.Multiply<V>(Math.Min(4, rows - j), p, rows - j, m + ((long)j * padded + j), 1, padded, g + (long)j * p, p, q + (long)j * p, p, false);
        }
    }

    /// <summary>The chunk's end state has gradient E: q += fall (E B), V, dB += dt fall x E.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FromEndState<V>(int first, int rows)
        where V : struct, ISimdLane<V>
    {
        int n = shape.State, p = shape.P;
        TileMath.Multiply<V>(rows, p, n, b + (long)first * n, n, 1, e, p, tile, p, false);
        for (int j = 0; j < rows; j++)
        {
            V w = V.Of(fall[j]), ws = V.Of(fall[j] * step[j]), sum = V.Zero;
            for (int l = 0; l < p; l += V.Width)
            {
                long at = (long)j * p + l;
                V value = w * V.Load(tile, at), xv = V.Load(x, at);
                sum = V.MulAdd(value, xv, sum);
                V.Store(V.Load(q, at) + value, q, at);
                V.Store(ws * xv, scaled, at);
            }

            v[j] = step[j] * V.Sum(sum);
        }

        TileMath.Transpose(n, p, e, p, swap, n);
        TileMath.Multiply<V>(rows, n, p, scaled, p, 1, swap, n, db + (long)first * n, n, true);
    }

    /// <summary>The chunk's start state H: dC += rise dy H, R; then E becomes the gradient of H. Returns T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float FromStartState<V>(int first, int rows, Ref h, bool later)
        where V : struct, ISimdLane<V>
    {
        int n = shape.State, p = shape.P;
        for (int i = 0; i < rows; i++)
        {
            TileMath.ScaleTo<V>(rise[i], g + (long)i * p, scaled + (long)i * p, p);
        }

        TileMath.Transpose(n, p, h, p, swap, n);
        TileMath.Multiply<V>(rows, n, p, scaled, p, 1, swap, n, wide, n, false);
        for (int i = 0; i < rows; i++)
        {
            Ref ci = c + (long)(first + i) * n, target = dc + (long)(first + i) * n, value = wide + (long)i * n;
            r[i] = TileMath.Dot<V>(value, ci, n);
            for (int l = 0; l < n; l += V.Width)
            {
                V.Store(V.Load(target, l) + V.Load(value, l), target, l);
            }
        }

        float total = 0;
        if (later)
        {
            total = rise[rows - 1] * TileMath.Dot<V>(e, h, (long)n * p);
            TileMath.ScaleTo<V>(rise[rows - 1], e, e, (long)n * p);
        }

        TileMath.Multiply<V>(n, p, rows, c + (long)first * n, 1, n, scaled, p, e, p, later);
        return total;
    }

    /// <summary>column becomes d(dt A): exclusive prefix of column - row and of V, inclusive suffix of R started at T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Assemble(int rows, float total)
    {
        float z = 0, prefix = 0;
        for (int i = 0; i < rows; i++)
        {
            float value = z + prefix;
            z += column[i] - row[i];
            prefix += v[i];
            column[i] = value;
        }

        float suffix = total;
        for (int i = rows - 1; i >= 0; i--)
        {
            suffix += r[i];
            column[i] += suffix;
        }
    }
}
