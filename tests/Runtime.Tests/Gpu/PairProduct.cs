using Graph.Execution;
using Graph.Lanes;
using Graph.Operators;
using ILGPU;

namespace Graph.Tests.Gpu;

/// <summary>
/// A product x Wᵀ and the row work behind it, as a region calls them, against doubles. x, W, C and Y lie in rows longer than needed, in a sea of NaN;
/// C is NaN too, and stays so unless it is kept.
/// </summary>
/// <param name="Work"><c>gate</c>: both halves of C joined by SwiGLU's gate; <c>rotate</c>: heads of q | k | v.</param>
/// <param name="Rows">Rows of x; positions repeat after <see cref="Period"/>.</param>
/// <param name="K">Summed indices.</param>
/// <param name="Half">Columns between the two of a pair.</param>
/// <param name="Heads">Of a rotation.</param>
/// <param name="Keep">C is read by others.</param>
/// <param name="Shift">Floats by which everything misses alignment.</param>
internal sealed record PairProduct(string Work, int Rows, int K, int Half, int Heads, bool Keep, int Shift)
{
    private const int Period = 7;

    /// <summary>Floats of each matrix at most.</summary>
    private const int Room = 1 << 15;

    private const int X = Room, C = 2 * Room, Y = 3 * Room, Copy = 4 * Room;

    /// <summary>Floats of device memory.</summary>
    public const int Floats = 5 * Room;

    /// <summary>Factors are rounded to bfloat16, and products run on tensor cores.</summary>
    public bool Bfloat16 { get; init; }

    private bool IsGate => Work == "gate";

    private int N => IsGate ? 2 * Half : 6 * Half * Heads;

    private int Width => IsGate ? Half : N;

    private int StrideX => K + (Shift == 0 ? 8 : 3);

    private int StrideC => N + 2;

    /// <summary>Runs it.</summary>
    /// <param name="queue">With <see cref="Floats"/> of memory.</param>
    /// <param name="resultInX">Y takes the place of x, as a plan may choose for a value that is dead.</param>
    /// <returns>The largest error of an element over the largest element; NaN if something was not written, or something else was.</returns>
    public double Error(GpuQueue queue, bool resultInX = false)
    {
        var random = new Random(6);
        var memory = new float[Floats];
        Array.Fill(memory, float.NaN);
        float[] w = Draw(N * K), x = Draw(Rows * K);
        w.CopyTo(memory, 0);
        for (var row = 0; row < Rows; row++)
        {
            x.AsSpan(row * K, K).CopyTo(memory.AsSpan(X + Shift + (row * StrideX)));
        }

        queue.Upload(memory, 0);
        queue.Bfloat16Weights = Bfloat16 ? new Bfloat16Copy(0, Room, Copy) : null;
        var worker = new Worker(0, default, 0, 1, queue);
        Ref c = GpuQueue.Place(C + Shift), y = GpuQueue.Place(resultInX ? X : Y);
        MatMul.RowsForNext(worker, GpuQueue.Place(X + Shift), StrideX, GpuQueue.Place(0), c, StrideC, Rows, K, N, Keep);
        if (IsGate)
        {
            GpuRows.RunHalves<SwiGate>(worker, Gate, Half, Rows, c, c + Half, y);
        }
        else
        {
            Rope.Forward(worker, 0, Rows, c, StrideC, y, Width + 4, Period, N / 3, Heads);
        }

        queue.Download(0, memory);
        return Compare(memory, w, x, resultInX ? X : Y);

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    /// <summary>The row kernel of a gate as the generator emits it, for a matrix with rows of two more floats than it has columns.</summary>
    public static void Gate(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var half = (int)(a.R1 - a.R0);
        var row = GpuRows.First(a);
        for (var i = Group.IdxX; i < half; i += Group.DimX)
        {
            var at = a.R0 + (row * ((2 * half) + 2)) + i;
            floats[a.R2 + (row * half) + i] = default(SwiGate).Forward(new GpuLane(floats[at]), new GpuLane(floats[at + half])).Value;
        }
    }

    private double Compare(float[] memory, float[] w, float[] x, int y)
    {
        var sums = new double[Rows, N];
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < N; column++)
            {
                for (var k = 0; k < K; k++)
                {
                    sums[row, column] += (double)Factor(x[(row * K) + k]) * Factor(w[(column * K) + k]);
                }
            }
        }

        double largest = 0, error = 0;
        var strideY = IsGate ? Width : Width + 4;
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Width; column++)
            {
                Meet(IsGate ? Joined(sums[row, column], sums[row, column + Half]) : Turned(sums, row, column), y + (row * strideY) + column);
            }

            for (var column = 0; column < N && Keep; column++)
            {
                Meet(sums[row, column], C + Shift + (row * StrideC) + column);
            }
        }

        // What is left must be the sea: between rows, and all of a C that nobody reads.
        var isDry = memory.AsSpan(C, y == Y ? 2 * Room : Room).ContainsAnyExcept(float.NaN);
        return isDry ? double.NaN : error / largest;

        void Meet(double expected, int at)
        {
            largest = Math.Max(largest, Math.Abs(expected));
            error = Math.Max(error, double.IsNaN(memory[at]) ? double.NaN : Math.Abs(expected - memory[at]));
            memory[at] = float.NaN;
        }
    }

    private static double Joined(double gate, double up) => gate * up / (1 + Math.Exp(-gate));

    private double Turned(double[,] sums, int row, int column)
    {
        if (column >= N / 3 * 2)
        {
            return sums[row, column];
        }

        int head = column / (2 * Half) * 2 * Half, i = (column - head) % Half;
        var angle = row % Period * Math.Pow(10000, -(double)i / Half);
        double low = sums[row, head + i], high = sums[row, head + i + Half];
        return column - head < Half ? (low * Math.Cos(angle)) - (high * Math.Sin(angle)) : (high * Math.Cos(angle)) + (low * Math.Sin(angle));
    }

    private double Factor(float value) => Bfloat16 ? TensorCoreMatrices.Bfloat16(value) : value;
}
