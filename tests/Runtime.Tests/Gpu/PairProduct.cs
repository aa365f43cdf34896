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

    /// <summary>Products of bfloat16 activations run on tensor cores, with rounded weights.</summary>
    public bool Bfloat16 { get; init; }

    /// <summary>Which of x, c and y are bfloat16.</summary>
    public string Forms { get; init; } = "";

    private bool IsGate => Work == "gate";

    private int N => IsGate ? 2 * Half : 6 * Half * Heads;

    private int Width => IsGate ? Half : N;

    private int StrideX => K + (Shift == 0 ? 8 : 3);

    private int StrideC => N + 2;

    private long PlaceX => PlaceOf('x', X) + Shift;

    private long PlaceC => PlaceOf('c', C) + Shift;

    private long PlaceY(bool inX) => PlaceOf('y', inX ? X : Y);

    /// <summary>Runs it.</summary>
    /// <param name="queue">With <see cref="Floats"/> of memory.</param>
    /// <param name="resultInX">Y takes the place of x, as a plan may choose for a value that is dead.</param>
    /// <returns>The largest error of an element, beyond its own rounding, over the largest element; NaN if something was not written, or something else was.</returns>
    public double Error(GpuQueue queue, bool resultInX = false)
    {
        var random = new Random(6);
        var memory = new float[Floats];
        ElementMemory.Fill(memory);
        float[] w = Draw(N * K), x = Draw(Rows * K);
        w.CopyTo(memory, 0);
        for (var row = 0; row < Rows; row++)
        {
            for (var i = 0; i < K; i++)
            {
                ElementMemory.Set(memory, PlaceX + (row * StrideX) + i, x[(row * K) + i]);
            }
        }

        queue.Upload(memory, 0);
        if (Bfloat16)
        {
            GpuTest.NeedTensorCores();
        }

        queue.Bfloat16Weights = Bfloat16 ? new Bfloat16Copy(0, Room, Copy) : null;
        var worker = new Worker(0, default, 0, 1, queue);
        Ref c = GpuQueue.Place(PlaceC), y = GpuQueue.Place(PlaceY(resultInX));
        MatMul.RowsForNext(worker, GpuQueue.Place(PlaceX), StrideX, GpuQueue.Place(0), c, StrideC, Rows, K, N, Keep);
        if (IsGate)
        {
            GpuRows.RunHalves<SwiGate>(worker, Gate, Gate, Half, Rows, c, c + Half, y);
        }
        else
        {
            Rope.Forward(worker, 0, Rows, c, StrideC, y, Width + 4, Period, N / 3, Heads);
        }

        queue.Download(0, memory);
        return Compare(memory, w, x, resultInX);

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

    private double Compare(float[] memory, float[] w, float[] x, bool resultInX)
    {
        var sums = new double[Rows, N];
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < N; column++)
            {
                for (var k = 0; k < K; k++)
                {
                    sums[row, column] += (double)Factor(x[(row * K) + k], Has('x')) * Factor(w[(column * K) + k], Bfloat16);
                }
            }
        }

        double largest = 0, error = 0;
        var strideY = IsGate ? Width : Width + 4;
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Width; column++)
            {
                Meet(IsGate ? Joined(sums[row, column], sums[row, column + Half]) : Turned(sums, row, column), PlaceY(resultInX) + (row * strideY) + column);
            }

            for (var column = 0; column < N && Keep; column++)
            {
                Meet(sums[row, column], PlaceC + (row * StrideC) + column);
            }
        }

        // What is left must be the sea: between rows, and all of a C that nobody reads.
        var isWet = ElementMemory.IsSea(memory.AsSpan(C, resultInX ? Room : 2 * Room));
        return isWet ? error / largest : double.NaN;

        void Meet(double expected, long at)
        {
            largest = Math.Max(largest, Math.Abs(expected));
            double found = ElementMemory.Get(memory, at);
            error = Math.Max(error, double.IsNaN(found) ? double.NaN : Math.Abs(expected - found) - ElementMemory.Rounding(at, expected));
            ElementMemory.Set(memory, at, float.NaN);
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

    private bool Has(char operand) => Forms.Contains(operand, StringComparison.Ordinal);

    private long PlaceOf(char operand, int floats) => Has(operand) ? Bfloat16Place.Of(floats) : floats;

    private static float Factor(float value, bool isRounded) => isRounded ? TensorCoreMatrices.Bfloat16(value) : value;
}
