using Graph.Execution;
using Graph.Operators;

namespace Graph.Tests.Gpu;

/// <summary>
/// One backward of attention on random values in the memory of a <see cref="PtxQueue"/>, as bfloat16, and its reference in doubles. Every array is
/// followed by NaN: who reads or writes beyond one is seen.
/// </summary>
internal sealed class AttentionGradientCase
{
    private readonly int b;
    private readonly int t;
    private readonly int c;
    private readonly int heads;
    private readonly float[] x;
    private readonly float[] dy;
    private readonly (double[] Y, double[] Lse, double[] Dx) exact;
    private readonly (double[] Y, double[] Lse, double[] Dx) rounded;

    /// <param name="b">Samples.</param>
    /// <param name="t">Tokens.</param>
    /// <param name="c">Channels.</param>
    /// <param name="heads">That share them.</param>
    /// <param name="reach">Largest value.</param>
    /// <param name="apart">Added to queries and taken from keys: scores far below zero.</param>
    public AttentionGradientCase(int b, int t, int c, int heads, float reach, float apart = 0)
    {
        (this.b, this.t, this.c, this.heads) = (b, t, c, heads);
        var random = new Random(8);
        x = [.. Enumerable.Range(0, b * t * 3 * c).Select(i => (((random.NextSingle() * 2) - 1) * reach) + ((i / c % 3) switch { 0 => apart, 1 => -apart, _ => 0 }))];
        dy = [.. Enumerable.Range(0, b * t * c).Select(_ => (random.NextSingle() * 2) - 1)];
        exact = Reference(value => value);
        rounded = Reference(TensorCoreAttentionTests.Bfloat16);
    }

    /// <summary>The largest error of dq, dk or dv, beyond the rounding of its store, over the largest element of it, from values as bfloat16 has them and from all as they were.</summary>
    public (double Rounded, double Exact) Errors(Func<PtxQueue, GpuQueue>? mutate = null)
    {
        var dx = Run(mutate);
        return (Error(dx, rounded.Dx), Error(dx, exact.Dx));
    }

    public float[] Run(Func<PtxQueue, GpuQueue>? mutate = null)
    {
        var gap = 64 * 3 * c;
        float[] y = [.. rounded.Y.Select(v => (float)v)], lse = [.. rounded.Lse.Select(v => (float)v)];
        var memory = new List<float>();
        float[] dx = [.. Enumerable.Repeat(float.NaN, x.Length)], behind = new float[(x.Length / 2) + gap];
        Ref atX = Stored(x), atY = Stored(y), atDy = Stored(dy), atLse = GpuQueue.Place(Add(lse)), atDx = Stored(dx);
        using var open = GpuTest.Open("ptx", memory.Count);
        var queue = mutate is null ? open.Queue : mutate(open.Interpreter);
        queue.Upload([.. memory], 0);
        queue.Bfloat16Weights = new Bfloat16Copy(0, 0, 0);
        Attention.Backward(new Worker(0, default, 0, 1, queue, b * heads), 0, atX, atY, atLse, atDy, atDx, t, c, heads);
        var start = Bfloat16Place.Element(GpuQueue.At(atDx)) / 2;
        queue.Download(start, dx);
        queue.Download(start + (x.Length / 2), behind);
        Conflicts = (queue as PtxQueue)?.MatrixConflicts ?? 0;
        return behind.All(float.IsNaN) ? StoredValues.Unpack(dx) : [.. dx.Select(_ => float.NaN)];

        Ref Stored(float[] values) => GpuQueue.Place(Bfloat16Place.Of(Add(StoredValues.Pack(values))));

        long Add(float[] values)
        {
            var at = memory.Count;
            memory.AddRange(values);
            memory.AddRange(Enumerable.Repeat(float.NaN, gap + (-memory.Count & 3)));
            return at;
        }
    }

    /// <summary>Bank conflicts of the last run's matrix loads.</summary>
    public long Conflicts { get; private set; }

    private double Error(float[] dx, double[] expected)
    {
        double worst = 0;
        for (var part = 0; part < 3; part++)
        {
            var elements = Enumerable.Range(0, dx.Length).Where(i => i / c % 3 == part).ToArray();
            var largest = elements.Max(i => Math.Abs(expected[i]));
            foreach (var error in elements.Select(i => StoredValues.MoreThanRounding(dx[i], expected[i]) / largest))
            {
                // NaN stays.
                worst = error <= worst ? worst : double.IsNaN(worst) ? worst : error;
            }
        }

        return worst;
    }

    /// <summary>Outputs, logarithms and gradients from factors as a rounding has them.</summary>
    private (double[] Y, double[] Lse, double[] Dx) Reference(Func<float, float> round)
    {
        double[] y = new double[b * t * c], lse = new double[b * heads * t], dx = new double[x.Length];
        var width = c / heads;
        var scale = 1 / Math.Sqrt(width);
        for (var unit = 0; unit < b * heads; unit++)
        {
            var (sample, head) = (unit / heads, unit % heads);
            for (var i = 0; i < t; i++)
            {
                var scores = Enumerable.Range(0, t).Select(j => scale * Width().Sum(k => X(i, 0, k) * X(j, 1, k))).ToArray();
                var top = scores.Max();
                lse[(unit * t) + i] = top + Math.Log(scores.Sum(score => Math.Exp(score - top)));
                var shares = scores.Select(score => Math.Exp(score - lse[(unit * t) + i])).ToArray();
                double delta = 0;
                foreach (var k in Width())
                {
                    y[Y(i, k)] = Enumerable.Range(0, t).Sum(j => shares[j] * X(j, 2, k));
                    delta += (double)round((float)y[Y(i, k)]) * round(dy[Y(i, k)]);
                }

                for (var j = 0; j < t; j++)
                {
                    var slope = scale * shares[j] * (Width().Sum(k => round(dy[Y(i, k)]) * X(j, 2, k)) - delta);
                    foreach (var k in Width())
                    {
                        dx[At(i, 0, k)] += slope * X(j, 1, k);
                        dx[At(j, 1, k)] += slope * X(i, 0, k);
                        dx[At(j, 2, k)] += shares[j] * round(dy[Y(i, k)]);
                    }
                }
            }

            IEnumerable<int> Width() => Enumerable.Range(0, width);

            int Y(int token, int k) => (((sample * t) + token) * c) + (head * width) + k;

            int At(int token, int part, int k) => (((sample * t) + token) * 3 * c) + (part * c) + (head * width) + k;

            double X(int token, int part, int k) => round(x[At(token, part, k)]);
        }

        return (y, lse, dx);
    }
}
