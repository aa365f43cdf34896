namespace Graph.Tests.Gpu;

/// <summary>Sizes of a scan in the tests.</summary>
internal readonly record struct ScanSizes(int B, int T, int Heads, int Groups, int P, int N, int Chunk, int Direction)
{
    public int E => Heads * P;

    public int Width => E + (2 * Groups * N);
}

/// <summary>Inputs of both passes of a scan, laid out as the operator's.</summary>
internal sealed record ScanInputs(float[] Xbc, float[] Dt, float[] ALog, float[] D, float[] Dy);

/// <summary>
/// The chunked scan and its backward (mamba2.md 2.1, 3.3) in doubles, with a rounding of every factor of every product: as it stands in the
/// formulas, one sum after the other.
/// </summary>
internal sealed class ScanReference
{
    private readonly ScanSizes size;
    private readonly ScanInputs inputs;
    private readonly Func<double, double> round;
    private readonly int chunk;
    private int sample;
    private int head;
    private int group;

    public ScanReference(ScanSizes size, ScanInputs inputs, Func<double, double> round)
    {
        (this.size, this.inputs, this.round) = (size, inputs, round);
        chunk = size.T <= 256 ? size.T : size.Chunk;
        Y = new double[size.B * size.T * size.E];
        Dxbc = new double[size.B * size.T * size.Width];
        Ddt = new double[size.B * size.T * size.Heads];
        Partial = new double[size.B * 2 * size.Heads];
        for (sample = 0; sample < size.B; sample++)
        {
            for (group = 0; group < size.Groups; group++)
            {
                Group();
            }
        }
    }

    public double[] Y { get; }

    public double[] Dxbc { get; }

    public double[] Ddt { get; }

    public double[] Partial { get; }

    private double Rate => -Math.Exp(inputs.ALog[head]);

    private int Row(int i) => (sample * size.T) + (size.Direction > 0 ? i : size.T - 1 - i);

    private int AtX(int i, int p) => (Row(i) * size.Width) + (head * size.P) + p;

    private int AtY(int i, int p) => (Row(i) * size.E) + (head * size.P) + p;

    private int AtB(int i, int n) => (Row(i) * size.Width) + size.E + (group * size.N) + n;

    private int AtC(int i, int n) => AtB(i, n) + (size.Groups * size.N);

    private double X(int i, int p) => inputs.Xbc[AtX(i, p)];

    private double Dy(int i, int p) => inputs.Dy[AtY(i, p)];

    private double B(int i, int n) => inputs.Xbc[AtB(i, n)];

    private double C(int i, int n) => inputs.Xbc[AtC(i, n)];

    private double Step(int i) => inputs.Dt[(Row(i) * size.Heads) + head];

    private double Dot(int count, Func<int, double> a, Func<int, double> b)
    {
        double sum = 0;
        for (var i = 0; i < count; i++)
        {
            sum += round(a(i)) * round(b(i));
        }

        return sum;
    }

    private void Group()
    {
        int n = size.N, p = size.P, each = size.Heads / size.Groups, chunks = (size.T + chunk - 1) / chunk;
        double[,] gram = new double[size.T, chunk], dgram = new double[size.T, chunk];
        for (var i = 0; i < size.T; i++)
        {
            var first = i / chunk * chunk;
            for (var j = first; j <= i; j++)
            {
                var at = j;
                gram[i, j - first] = Dot(n, k => C(i, k), k => B(at, k));
            }
        }

        for (head = group * each; head < (group + 1) * each; head++)
        {
            var alpha = new double[size.T];
            for (var i = 0; i < size.T; i++)
            {
                alpha[i] = (i % chunk == 0 ? 0 : alpha[i - 1]) + (Step(i) * Rate);
            }

            var states = new double[chunks, n, p];
            for (var c = 0; c < chunks; c++)
            {
                int first = c * chunk, end = Math.Min(size.T, first + chunk);
                Forward(first, end, alpha, gram, states, c);
            }

            Backward(chunks, alpha, gram, dgram, states);
        }

        for (var i = 0; i < size.T; i++)
        {
            int first = i / chunk * chunk, end = Math.Min(size.T, first + chunk);
            for (var k = 0; k < n; k++)
            {
                Dxbc[AtC(i, k)] += Dot(i + 1 - first, j => dgram[i, j], j => B(first + j, k));
                Dxbc[AtB(i, k)] += Dot(end - i, j => dgram[i + j, i - first], j => C(i + j, k));
            }
        }
    }

    private void Forward(int first, int end, double[] alpha, double[,] gram, double[,,] states, int c)
    {
        for (var i = first; i < end; i++)
        {
            for (var l = 0; l < size.P; l++)
            {
                var inside = Dot(i + 1 - first, j => gram[i, j] * Math.Exp(alpha[i] - alpha[first + j]), j => Step(first + j) * X(first + j, l));
                Y[AtY(i, l)] = (Math.Exp(alpha[i]) * Dot(size.N, k => C(i, k), k => states[c, k, l])) + inside + (inputs.D[head] * X(i, l));
            }
        }

        for (var k = 0; k < size.N && end < size.T; k++)
        {
            for (var l = 0; l < size.P; l++)
            {
                states[c + 1, k, l] = (Math.Exp(alpha[end - 1]) * states[c, k, l])
                    + Dot(end - first, j => B(first + j, k), j => Math.Exp(alpha[end - 1] - alpha[first + j]) * Step(first + j) * X(first + j, l));
            }
        }
    }

    private void Backward(int chunks, double[] alpha, double[,] gram, double[,] dgram, double[,,] states)
    {
        int n = size.N, p = size.P;
        var e = new double[n, p];
        for (var c = chunks - 1; c >= 0; c--)
        {
            int first = c * chunk, end = Math.Min(size.T, first + chunk), rows = end - first;
            double[] columns = new double[rows], lines = new double[rows], ends = new double[rows], starts = new double[rows], inputsOf = new double[rows];
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    var gradient = Dot(p, l => Dy(first + i, l), l => X(first + j, l)) * Math.Exp(alpha[first + i] - alpha[first + j]) * Step(first + j);
                    dgram[first + i, j] += gradient;
                    var z = i == j ? 0 : gradient * gram[first + i, j];
                    lines[i] += z;
                    columns[j] += z;
                }

                for (var l = 0; l < p; l++)
                {
                    var fall = Math.Exp(alpha[end - 1] - alpha[first + i]);
                    var q = (fall * Dot(n, k => B(first + i, k), k => e[k, l]))
                        + Dot(rows - i, j => gram[first + i + j, i] * Math.Exp(alpha[first + i + j] - alpha[first + i]), j => Dy(first + i + j, l));
                    Dxbc[AtX(first + i, l)] = (Step(first + i) * q) + (inputs.D[head] * Dy(first + i, l));
                    inputsOf[i] += q * X(first + i, l);
                    Partial[(sample * 2 * size.Heads) + size.Heads + head] += Dy(first + i, l) * X(first + i, l);
                }

                for (var k = 0; k < n; k++)
                {
                    var ofB = Math.Exp(alpha[end - 1] - alpha[first + i]) * Step(first + i) * Dot(p, l => X(first + i, l), l => e[k, l]);
                    var ofC = Math.Exp(alpha[first + i]) * Dot(p, l => Dy(first + i, l), l => states[c, k, l]);
                    Dxbc[AtB(first + i, k)] += ofB;
                    Dxbc[AtC(first + i, k)] += ofC;
                    ends[i] += ofB * B(first + i, k);
                    starts[i] += ofC * C(first + i, k);
                }
            }

            Assemble(first, rows, columns, lines, ends, starts, inputsOf, Earlier(c, first, end, alpha, e, states));
        }
    }

    /// <summary>The gradient of the chunk's start from that of its end, and T on the way.</summary>
    private double Earlier(int c, int first, int end, double[] alpha, double[,] e, double[,,] states)
    {
        double total = 0, decay = Math.Exp(alpha[end - 1]);
        for (var k = 0; k < size.N; k++)
        {
            for (var l = 0; l < size.P; l++)
            {
                total += decay * e[k, l] * states[c, k, l];
                e[k, l] = (decay * e[k, l]) + Dot(end - first, i => C(first + i, k), i => Math.Exp(alpha[first + i]) * Dy(first + i, l));
            }
        }

        return total;
    }

    private void Assemble(int first, int rows, double[] columns, double[] lines, double[] ends, double[] starts, double[] inputsOf, double total)
    {
        for (var i = 0; i < rows; i++)
        {
            double before = Enumerable.Range(0, i).Sum(m => columns[m] - lines[m] + ends[m]), after = total + Enumerable.Range(i, rows - i).Sum(m => starts[m]);
            Ddt[(Row(first + i) * size.Heads) + head] = inputsOf[i] + (Rate * (before + after));
            Partial[(sample * 2 * size.Heads) + head] += Step(first + i) * (before + after) * Rate;
        }
    }
}
