using System.Runtime.CompilerServices;
using Graph.Execution;
using Graph.Lanes;

namespace Graph.Operators;

/// <summary>
/// Bidirectional softmax attention without projections (trm.md 1.2): x holds q | k | v, each head-major; scale 1/sqrt(hd)
/// with hd = c / heads. One unit a (sample, head). Never a t x t buffer: forward, blocks of query rows meet all keys in the
/// worker's scratch; backward, blocks of keys meet blocks of queries. <c>lse</c> = ln Σ exp(scaled score) lets backward rebuild the
/// probabilities.
/// </summary>
[Operator("x: b t 3*c -> y: b t c")]
[Saves("lse: b heads t")]
[Cost("4*b*t*t*c")]
public readonly partial struct Attention : ITileOperator
{
    /// <summary>Query rows and keys of a block, at most.</summary>
    private const int Block = 128;

    /// <summary>Floats between the rows of the blocks of the backward pass beyond their length: rows a power of two apart share sets of the cache.</summary>
    private const int Gap = 16;

    /// <summary>Padding keys lie in the last 16 of a row.</summary>
    private const int MaskLength = 16;

    private const float Masked = -1e30f;

    /// <summary>Floats of worker scratch that a unit of either pass needs.</summary>
    public static long WorkerScratch(int t, int c, int heads)
    {
        long hd = c / heads;
        long padded = TileMath.Pad(t);
        long rows = QueryRows(t);
        return Math.Max(hd * padded + t * hd + rows * hd + rows * padded + MaskLength, 5 * Block * hd + 2 * Gap * hd + 2L * Block * (Block + Gap) + padded);
    }

    [Launch(Pass.Forward, "b*heads", Gpu = true, Bfloat16 = "x y")]
    public static void Forward(in Worker worker, long unit, Ref x, Ref y, Ref lse, int t, int c, int heads)
    {
        if (worker.Gpu is { } gpu)
        {
            Forward(gpu, worker.Units, x, y, lse, t, c, heads);
            return;
        }

        int hd = c / heads;
        if (TileMath.Divides(worker, 16, hd))
        {
            Forward<V512>(worker, unit, x, y, lse, t, c, heads);
        }
        else if (TileMath.Divides(worker, 8, hd))
        {
            Forward<V256>(worker, unit, x, y, lse, t, c, heads);
        }
        else if (TileMath.Divides(worker, 4, hd))
        {
            Forward<V128>(worker, unit, x, y, lse, t, c, heads);
        }
        else
        {
            Forward<F32>(worker, unit, x, y, lse, t, c, heads);
        }
    }

    [Launch(Pass.Backward, "b*heads", Gpu = true, Bfloat16 = "x y dy dx")]
    public static void Backward(in Worker worker, long unit, Ref x, Ref y, Ref lse, Ref dy, Ref dx, int t, int c, int heads)
    {
        if (worker.Gpu is { } gpu)
        {
            Backward(gpu, worker.Units, x, y, lse, dy, dx, t, c, heads);
            return;
        }

        int hd = c / heads;
        if (TileMath.Divides(worker, 16, hd))
        {
            Backward<V512>(worker, unit, x, y, lse, dy, dx, t, c, heads);
        }
        else if (TileMath.Divides(worker, 8, hd))
        {
            Backward<V256>(worker, unit, x, y, lse, dy, dx, t, c, heads);
        }
        else if (TileMath.Divides(worker, 4, hd))
        {
            Backward<V128>(worker, unit, x, y, lse, dy, dx, t, c, heads);
        }
        else
        {
            Backward<F32>(worker, unit, x, y, lse, dy, dx, t, c, heads);
        }
    }

    private static void Forward<V>(in Worker worker, long unit, Ref x, Ref y, Ref lse, int t, int c, int heads)
        where V : struct, ISimdLane<V>
    {
        int hd = c / heads;
        int padded = TileMath.Pad(t);
        long stride = 3L * c;
        long sample = unit / heads;
        long head = unit % heads;
        Ref query = x + (sample * t * stride + head * hd);
        Ref keys = worker.Scratch(0, WorkerScratch(t, c, heads));
        Ref values = keys + (long)hd * padded;
        Ref q = values + (long)t * hd;
        int block = QueryRows(t);
        Ref scores = q + (long)block * hd;
        TileMath.Transpose(t, hd, query + c, stride, keys, padded);
        TileMath.Pack(t, hd, query + 2L * c, stride, values);
        Ref mask = scores + (long)block * padded;
        mask.Span(MaskLength).Clear();
        (mask + (MaskLength - padded + t)).Span(padded - t).Fill(Masked);
        V scale = V.Of(1 / MathF.Sqrt(hd));
        for (int first = 0; first < t; first += block)
        {
            int rows = Math.Min(block, t - first);
            TileMath.Pack(rows, hd, query + first * stride, stride, q);
            TileMath.Multiply<V>(rows, padded, hd, q, hd, 1, keys, padded, scores, padded, false);
            Ref output = y + ((sample * t + first) * c + head * hd);
            for (int i = 0; i < rows; i++)
            {
                float sum = Softmax<V>(scores + (long)i * padded, mask, padded, scale, out float max);
                lse[unit * t + first + i] = max + MathF.Log(sum);
                // The probabilities stay unnormalised: dividing hd outputs is cheaper than dividing t probabilities.
                q[i] = 1 / sum;
            }

            TileMath.Multiply<V>(rows, hd, t, scores, padded, 1, values, hd, output, c, false);
            for (int i = 0; i < rows; i++)
            {
                TileMath.ScaleTo<V>(q[i], output + (long)i * c, output + (long)i * c, hd);
            }
        }
    }

    /// <summary>Query rows of a block of the forward pass: their scores fill a quarter of a 1 MB second-level cache.</summary>
    private static int QueryRows(int t) => Math.Clamp((1 << 16) / TileMath.Pad(t) & ~3, 32, Block);

    /// <summary>row = exp(scale row - max), zero beyond t; returns the sum. <paramref name="mask"/>, added to the last 16 scores, is hugely negative there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Softmax<V>(Ref row, Ref mask, int padded, V scale, out float max)
        where V : struct, ISimdLane<V>
    {
        int last = padded - MaskLength;
        V top = V.Of(Masked);
        for (int j = 0; j < MaskLength; j += V.Width)
        {
            V s = V.Load(row, last + j) + V.Load(mask, j);
            top = V.Max(top, s);
            V.Store(s, row, last + j);
        }

        for (int j = 0; j < last; j += V.Width)
        {
            top = V.Max(top, V.Load(row, j));
        }

        V shift = scale * V.Of(V.MaxAcross(top));
        max = V.MaxAcross(shift);
        V sum = V.Zero;
        for (int j = 0; j < padded; j += V.Width)
        {
            V e = V.Exp(scale * V.Load(row, j) - shift);
            sum += e;
            V.Store(e, row, j);
        }

        return V.Sum(sum);
    }

    /// <summary>
    /// With p = exp(scale q·k - lse) and δ_i = y_i·dy_i: dv += pᵀ dy, ds = p (dy vᵀ - δ) scale, dq = ds k, dk += dsᵀ q.
    /// </summary>
    private static void Backward<V>(in Worker worker, long unit, Ref x, Ref y, Ref lse, Ref dy, Ref dx, int t, int c, int heads)
        where V : struct, ISimdLane<V>
    {
        int hd = c / heads;
        long stride = 3L * c;
        long sample = unit / heads;
        long head = unit % heads;
        long origin = sample * t * stride + head * hd;
        long place = sample * t * c + head * hd;
        Ref query = x + origin;
        Ref dquery = dx + origin;
        Ref keysT = worker.Scratch(0, WorkerScratch(t, c, heads));
        Ref valuesT = keysT + (Block + Gap) * hd;
        Ref keys = valuesT + (Block + Gap) * hd;
        Ref q = keys + Block * hd;
        Ref g = q + Block * hd;
        Ref p = g + Block * hd;
        Ref ds = p + Block * (Block + Gap);
        Ref delta = ds + Block * (Block + Gap);
        float scale = 1 / MathF.Sqrt(hd);
        int block = EvenRows(t);
        for (int i = 0; i < t; i++)
        {
            delta[i] = TileMath.Dot<V>(dy + (place + (long)i * c), y + (place + (long)i * c), hd);
        }

        for (int key = 0; key < t; key += Block)
        {
            int columns = Math.Min(Block, t - key);
            int padded = TileMath.Pad(columns);
            int row = padded + Gap;
            Ref dkeys = dquery + (key * stride + c);
            TileMath.Transpose(columns, hd, query + (key * stride + c), stride, keysT, row);
            TileMath.Transpose(columns, hd, query + (key * stride + 2L * c), stride, valuesT, row);
            TileMath.Pack(columns, hd, query + (key * stride + c), stride, keys);
            for (int first = 0; first < t; first += block)
            {
                int rows = Math.Min(block, t - first);
                TileMath.Pack(rows, hd, query + first * stride, stride, q);
                TileMath.Pack(rows, hd, dy + (place + (long)first * c), c, g);
                TileMath.Multiply<V>(rows, padded, hd, q, hd, 1, keysT, row, p, row, false);
                TileMath.Multiply<V>(rows, padded, hd, g, hd, 1, valuesT, row, ds, row, false);
                for (int i = 0; i < rows; i++)
                {
                    ProbabilityGradient<V>(p + (long)i * row, ds + (long)i * row, padded, scale, lse[unit * t + first + i], delta[first + i]);
                }

                TileMath.Multiply<V>(rows, hd, columns, ds, row, 1, keys, hd, dquery + first * stride, stride, key > 0);
                TileMath.Multiply<V>(columns, hd, rows, ds, 1, row, q, hd, dkeys, stride, first > 0);
                TileMath.Multiply<V>(columns, hd, rows, p, 1, row, g, hd, dkeys + c, stride, first > 0);
            }
        }
    }

    /// <summary>Query rows of a block of the backward pass: all blocks nearly equal, since the products sum over them.</summary>
    private static int EvenRows(int t)
    {
        int blocks = (t + Block - 1) / Block;
        return ((t + blocks - 1) / blocks + 3) & ~3;
    }

    /// <summary>p: scores to probabilities; ds: dy vᵀ to the gradient of the unscaled scores. Padding columns are never read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ProbabilityGradient<V>(Ref p, Ref ds, int padded, float scale, float lse, float delta)
        where V : struct, ISimdLane<V>
    {
        V s = V.Of(scale), shift = V.Of(-lse), d = V.Of(delta);
        for (int j = 0; j < padded; j += V.Width)
        {
            V probability = V.Exp(V.MulAdd(s, V.Load(p, j), shift));
            V.Store(probability, p, j);
            V.Store(probability * (V.Load(ds, j) - d) * s, ds, j);
        }
    }
}

/// <summary>Places <see cref="Attention"/>.</summary>
public sealed class AttentionAttribute(string heads, string? from = null) : OperatorAttribute<Attention>
{
    public string Heads => heads;

    public string? From => from;
}
