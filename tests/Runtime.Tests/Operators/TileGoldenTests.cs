using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Operators;

/// <summary>Tile operators against libtorch's float64 numbers (shared golden files), every lane width, relative norm error.</summary>
public sealed class TileGoldenTests
{
    private const double Tolerance = 2e-5;

    [Theory]
    [InlineData("op-ssd", 2, 36, 4, 16, 8, 16, 1)]
    [InlineData("op-ssd", 2, 36, 4, 16, 8, 8, 2)]
    [InlineData("op-ssd", 2, 36, 4, 16, 8, 4, 4)]
    [InlineData("op-ssd", 2, 36, 4, 16, 8, 1, 1)]
    [InlineData("op-ssd-long", 1, 316, 4, 32, 64, 16, 2)]
    [InlineData("op-ssd-long", 1, 316, 4, 32, 64, 1, 1)]
    [InlineData("op-ssd-long", 1, 316, 4, 32, 24, 8, 1)]
    public void ScanMatches(string file, int b, int t, int heads, int p, int chunk, int lanes, int split)
    {
        const int n = 16;
        foreach (int direction in (int[])[1, -1])
        {
            Golden golden = new(file);
            int e = heads * p;
            int width = e + 2 * n;
            // The file's decay is free of dt, the operator's is dt A. With A = -1 and dt' = -decay the same scan has x' = x dt / dt'.
            float[] step = [.. golden["in.decay"].Select(v => -v)];
            float[] factor = [.. golden["in.dt"].Zip(step, (dt, own) => dt / own)];
            float[] x = Scale(golden["in.x"], factor, p, false);
            float[] dx = Scale(golden["grad.in.x"], factor, p, true);
            Ref aLog = Golden.Floats(new float[heads]);
            Ref d = Golden.Floats(new float[heads]);
            Ref xbc = Golden.Floats((long)b * t * width);
            Place(golden, "in.", x, xbc, b, t, e, n, direction);
            Ref dt = Golden.Floats(Reverse(step, b, t, heads, direction));
            Ref y = Golden.Floats((long)b * t * e);
            Worker worker = Golden.Worker(lanes, SsdScan.WorkerScratch(t, e, heads, 1, n, chunk));
            for (int unit = b * split - 1; unit >= 0; unit--)
            {
                SsdScan.Forward(worker, unit, xbc, dt, aLog, d, y, t, e, heads, 1, n, chunk, direction, split);
            }

            Assert.InRange(Golden.Error(Reverse(golden["out"], b, t, e, direction), y.Span((long)b * t * e)), 0, Tolerance);
            Ref dy = Golden.Floats(Reverse(golden["grad.out"], b, t, e, direction));
            Ref dxbc = Golden.Floats((long)b * t * width);
            Ref ddt = Golden.Floats((long)b * t * heads);
            Ref partial = Golden.Floats(b * 2L * heads);
            for (int unit = 0; unit < b; unit++)
            {
                SsdScan.Backward(worker, unit, xbc, dt, aLog, d, dy, dxbc, ddt, partial, t, e, heads, 1, n, chunk, direction);
            }

            Ref expected = Golden.Floats((long)b * t * width);
            Place(golden, "grad.in.", dx, expected, b, t, e, n, direction);
            Assert.InRange(Golden.Error(expected.Span((long)b * t * width), dxbc.Span((long)b * t * width)), 0, Tolerance);

            // d dt' = (d x' · x') / dt' + A d decay', and d A_log = Σ dt' A d decay', with decay' = -dt'.
            float[] gDecay = golden["grad.in.decay"];
            float[] wantDt = new float[step.Length];
            float[] wantA = new float[heads];
            for (int i = 0; i < step.Length; i++)
            {
                double dot = 0;
                for (int k = 0; k < p; k++)
                {
                    dot += (double)dx[i * p + k] * x[i * p + k];
                }

                wantDt[i] = (float)(dot / step[i] - gDecay[i]);
                wantA[i % heads] -= gDecay[i] * step[i];
            }

            Assert.InRange(Golden.Error(Reverse(wantDt, b, t, heads, direction), ddt.Span(wantDt.Length)), 0, Tolerance);
            Ref dA = Golden.Floats(new float[heads]);
            Ref dD = Golden.Floats(new float[heads]);
            SsdScan.BackwardParameters(worker, 0, partial, dA, dD, b, heads);
            Assert.InRange(Golden.Error(wantA, dA.Span(heads)), 0, 1e-4);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    [InlineData(1)]
    public void AttentionMatches(int lanes)
    {
        const int b = 2, t = 36, c = 32, heads = 2;
        Golden golden = new("op-attention");
        const string prefix = "inner.L_level.layers.0.self_attn.";
        float[] x = golden["in.x"], w = golden[prefix + "qkv_proj.weight"], o = golden[prefix + "o_proj.weight"];
        float[] gOut = golden["grad.out"];
        Ref qkv = Golden.Floats(Product(x, w, b * t, 3 * c, c));
        Ref rotated = Golden.Floats((long)b * t * 3 * c);
        Worker worker = Golden.Worker(lanes, Attention.WorkerScratch(t, c, heads));
        Rope.Forward(worker, 0, b * t, qkv, 3 * c, rotated, 3 * c, t, c, heads);
        Ref y = Golden.Floats((long)b * t * c);
        Ref lse = Golden.Floats((long)b * heads * t);
        for (int unit = 0; unit < b * heads; unit++)
        {
            Attention.Forward(worker, unit, rotated, y, lse, t, c, heads);
        }

        Assert.InRange(Golden.Error(golden["out"], Product(y.Span(b * t * c), o, b * t, c, c)), 0, Tolerance);
        Ref dy = Golden.Floats(Product(gOut, Turn(o, c, c), b * t, c, c));
        Ref dRotated = Golden.Floats((long)b * t * 3 * c);
        for (int unit = 0; unit < b * heads; unit++)
        {
            Attention.Backward(worker, unit, rotated, y, lse, dy, dRotated, t, c, heads);
        }

        Ref dqkv = Golden.Floats((long)b * t * 3 * c);
        Rope.Backward(worker, 0, b * t, dqkv, 3 * c, dRotated, 3 * c, t, c, heads);
        Assert.InRange(Golden.Error(golden["grad.in.x"], Product(dqkv.Span(b * t * 3 * c), Turn(w, 3 * c, c), b * t, c, 3 * c)), 0, Tolerance);
    }

    [Fact]
    public void StablemaxMatches()
    {
        const int b = 2, n = 36, v = 11;
        Golden golden = new("op-stablemax");
        int[] labels = golden.Int64s("labels");
        float[] each = golden["out"];
        float[] want = golden["grad.in.logits"];
        float[] upstream = golden["grad.out"];
        // The file's loss is one per position; ours is the mean. One unmasked position at a time makes them equal.
        for (int at = 0; at < b * n; at++)
        {
            int[] only = new int[b * n];
            Array.Fill(only, -100);
            only[at] = labels[at];
            Ref logits = Golden.Floats(golden["in.logits"]);
            Ref loss = Golden.Floats(b), exact = Golden.Floats(b), accuracy = Golden.Floats(b), dlogits = Golden.Floats(b * n * v);
            float[] seed = [upstream[at], upstream[at]];
            for (int unit = 0; unit < b; unit++)
            {
                StablemaxCrossEntropy.Forward(default, unit, logits, Golden.Ints(only), loss, exact, accuracy, n, v);
                StablemaxCrossEntropy.Backward(default, unit, logits, Golden.Ints(only), Golden.Floats(seed), dlogits, n, v);
            }

            Assert.Equal(each[at], loss[at / n], 1e-5);
            for (int k = 0; k < v; k++)
            {
                Assert.Equal(want[at * v + k], dlogits[(long)at * v + k], 1e-5);
            }
        }
    }

    /// <summary>Places x, B, C of the file (or their gradients) into rows x | B | C.</summary>
    private static void Place(Golden golden, string prefix, float[] x, Ref target, int b, int t, int e, int n, int direction)
    {
        int width = e + 2 * n;
        foreach ((string name, int first, int columns) in (ReadOnlySpan<(string, int, int)>)[("x", 0, e), ("B", e, n), ("C", e + n, n)])
        {
            float[] values = Reverse(name == "x" ? x : golden[prefix + name], b, t, columns, direction);
            for (int row = 0; row < b * t; row++)
            {
                values.AsSpan(row * columns, columns).CopyTo((target + ((long)row * width + first)).Span(columns));
            }
        }
    }

    private static float[] Scale(float[] values, float[] factor, int p, bool inverse) =>
        [.. values.Select((v, i) => inverse ? v / factor[i / p] : v * factor[i / p])];

    private static float[] Reverse(float[] values, int b, int t, int columns, int direction)
    {
        float[] result = new float[values.Length];
        for (int row = 0; row < b * t; row++)
        {
            int from = direction > 0 ? row : row / t * t + (t - 1 - row % t);
            values.AsSpan(from * columns, columns).CopyTo(result.AsSpan(row * columns));
        }

        return result;
    }

    /// <summary>x[m,k] wᵀ with w[n,k], float64 inside.</summary>
    private static float[] Product(ReadOnlySpan<float> x, ReadOnlySpan<float> w, int m, int n, int k)
    {
        float[] y = new float[m * n];
        for (int i = 0; i < m * n; i++)
        {
            double sum = 0;
            for (int l = 0; l < k; l++)
            {
                sum += (double)x[i / n * k + l] * w[i % n * k + l];
            }

            y[i] = (float)sum;
        }

        return y;
    }

    private static float[] Turn(float[] w, int rows, int columns) =>
        [.. Enumerable.Range(0, rows * columns).Select(i => w[i % rows * columns + i / rows])];
}
