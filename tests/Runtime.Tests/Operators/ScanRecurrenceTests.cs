using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Operators;

/// <summary>The scan against the recurrence of mamba2.md 1.3 step 4 and its reverse-time gradient (3.2), written out in float64 over the same float32 inputs.</summary>
public sealed class ScanRecurrenceTests
{
    /// <summary>Float32 sums of up to 300 decayed terms: 2e-5 of the norm, what the golden files ask for as well.</summary>
    private const double Tolerance = 2e-5;

    /// <summary>dA and dD are single numbers a head that sum every position with changing sign; cancellation costs a digit (mamba2.md fact 9).</summary>
    private const double ParameterTolerance = 1e-4;

    [Theory]
    // t <= 256 takes the quadratic form, above it chunks; 300 is no multiple of 64 or 48.
    [InlineData(2, 20, 4, 16, 1, 16, 64, 1, 2, 16)]
    [InlineData(2, 20, 4, 16, 2, 16, 64, -1, 2, 8)]
    [InlineData(1, 33, 6, 4, 2, 8, 64, -1, 3, 4)]
    [InlineData(1, 20, 4, 3, 2, 5, 64, 1, 1, 16)]
    [InlineData(1, 300, 4, 16, 2, 16, 64, 1, 2, 16)]
    [InlineData(1, 300, 4, 16, 2, 16, 48, -1, 1, 8)]
    [InlineData(1, 257, 4, 8, 1, 8, 64, -1, 4, 4)]
    [InlineData(1, 257, 2, 8, 2, 8, 64, 1, 1, 1)]
    public void AgreesWithTheRecurrence(int b, int t, int heads, int p, int groups, int n, int chunk, int direction, int split, int lanes)
    {
        int e = heads * p, width = e + 2 * groups * n;
        Random random = new(b * t + heads);
        Ref xbc = Fill((long)b * t * width, -1, 1), dt = Fill((long)b * t * heads, 0.01, 0.4), dy = Fill((long)b * t * e, -1, 1);
        Ref aLog = Fill(heads, -1, 1.5), d = Fill(heads, -2, 2);
        Ref y = Golden.Floats((long)b * t * e), dxbc = Golden.Floats((long)b * t * width), ddt = Golden.Floats((long)b * t * heads);
        Ref partial = Golden.Floats(2L * b * heads), dA = Golden.Floats(new float[heads]), dD = Golden.Floats(new float[heads]);
        Worker worker = Golden.Worker(lanes, SsdScan.WorkerScratch(t, e, heads, groups, n, chunk));
        for (int unit = 0; unit < b * groups * split; unit++)
        {
            SsdScan.Forward(worker, unit, xbc, dt, aLog, d, y, t, e, heads, groups, n, chunk, direction, split);
        }

        for (int unit = 0; unit < b; unit++)
        {
            SsdScan.Backward(worker, unit, xbc, dt, aLog, d, dy, dxbc, ddt, partial, t, e, heads, groups, n, chunk, direction);
        }

        SsdScan.BackwardParameters(worker, 0, partial, dA, dD, b, heads);

        float[] wantY = new float[b * t * e], wantDt = new float[b * t * heads], wantA = new float[heads], wantD = new float[heads];
        double[] wantXbc = new double[b * t * width];
        for (int head = 0; head < heads; head++)
        {
            double a = -Math.Exp(aLog[head]), sumA = 0, sumD = 0;
            int group = head * groups / heads;
            for (int sample = 0; sample < b; sample++)
            {
                // states[i] is the state before step i, [p, n].
                double[][] states = [.. Enumerable.Range(0, t + 1).Select(_ => new double[p * n])];
                for (int i = 0; i < t; i++)
                {
                    int row = Row(i), x = row * width + head * p, inB = row * width + e + group * n, inC = inB + groups * n;
                    double step = dt[row * heads + head], decay = Math.Exp(step * a);
                    for (int k = 0; k < p; k++)
                    {
                        double sum = d[head] * (double)xbc[x + k];
                        for (int l = 0; l < n; l++)
                        {
                            double s = decay * states[i][k * n + l] + step * xbc[x + k] * xbc[inB + l];
                            states[i + 1][k * n + l] = s;
                            sum += s * xbc[inC + l];
                        }

                        wantY[row * e + head * p + k] = (float)sum;
                    }
                }

                double[] back = new double[p * n];
                for (int i = t - 1; i >= 0; i--)
                {
                    int row = Row(i), x = row * width + head * p, inB = row * width + e + group * n, inC = inB + groups * n;
                    double step = dt[row * heads + head], decay = Math.Exp(step * a), da = 0, dStep = 0;
                    for (int k = 0; k < p; k++)
                    {
                        double g = dy[row * e + head * p + k], v = 0;
                        for (int l = 0; l < n; l++)
                        {
                            int at = k * n + l;
                            back[at] += g * xbc[inC + l];
                            wantXbc[inC + l] += g * states[i + 1][at];
                            wantXbc[inB + l] += step * xbc[x + k] * back[at];
                            v += back[at] * xbc[inB + l];
                            da += decay * back[at] * states[i][at];
                            back[at] *= decay;
                        }

                        wantXbc[x + k] += step * v + d[head] * g;
                        dStep += xbc[x + k] * v;
                        sumD += g * xbc[x + k];
                    }

                    wantDt[row * heads + head] = (float)(dStep + a * da);
                    sumA += step * da * a;
                }

                int Row(int i) => sample * t + (direction > 0 ? i : t - 1 - i);
            }

            wantA[head] = (float)sumA;
            wantD[head] = (float)sumD;
        }

        Assert.InRange(Golden.Error(wantY, y.Span(wantY.Length)), 0, Tolerance);
        Assert.InRange(Golden.Error(wantDt, ddt.Span(wantDt.Length)), 0, Tolerance);
        foreach ((int first, int columns) in (ReadOnlySpan<(int, int)>)[(0, e), (e, groups * n), (e + groups * n, groups * n)])
        {
            Assert.InRange(Golden.Error(Part(i => (float)wantXbc[i], first, columns), Part(i => dxbc[i], first, columns)), 0, Tolerance);
        }

        Assert.InRange(Golden.Error(wantA, dA.Span(heads)), 0, ParameterTolerance);
        Assert.InRange(Golden.Error(wantD, dD.Span(heads)), 0, ParameterTolerance);

        float[] Part(Func<int, float> value, int first, int columns) =>
            [.. Enumerable.Range(0, b * t * columns).Select(i => value(i / columns * width + first + i % columns))];

        Ref Fill(long count, double from, double to)
        {
            Ref memory = Golden.Floats(count);
            for (long i = 0; i < count; i++)
            {
                memory[i] = (float)(from + (to - from) * random.NextDouble());
            }

            return memory;
        }
    }
}
