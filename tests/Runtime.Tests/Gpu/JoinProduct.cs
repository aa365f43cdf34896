using Graph.Execution;
using Graph.Lanes;
using Graph.Operators;
using ILGPU;

namespace Graph.Tests.Gpu;

/// <summary>
/// A backward product dY and the backward of SwiGLU's gate behind it, as a region calls them, against doubles: dY = D · W in rows, Wᵀ · D along the token axis. All matrices
/// lie in a sea of NaN, and dY must stay so where tiles do the gate's work.
/// </summary>
/// <param name="Tokens">Along the token axis, otherwise in rows, of which there is one sample.</param>
/// <param name="M">Rows of dY.</param>
/// <param name="N">Its columns.</param>
/// <param name="K">Summed indices.</param>
/// <param name="Samples">Along the token axis.</param>
/// <param name="Shift">Floats by which everything misses alignment.</param>
internal sealed record JoinProduct(bool Tokens, int M, int N, int K, int Samples, int Shift)
{
    /// <summary>Floats of each matrix at most.</summary>
    private const int Room = 1 << 16;

    private const int D = Room, X = 2 * Room, C = 3 * Room, Y = 4 * Room, Gradient = 5 * Room, Copy = 6 * Room;

    /// <summary>Floats of device memory.</summary>
    public const int Floats = 7 * Room;

    /// <summary>Products of bfloat16 activations run on tensor cores, with rounded weights.</summary>
    public bool Bfloat16 { get; init; }

    /// <summary>Which are bfloat16: <c>d</c>, <c>x</c> (both halves), <c>c</c> (dY), <c>y</c>, <c>g</c> (both halves' gradients).</summary>
    public string Forms { get; init; } = "";

    /// <summary>The gradients take the place of <c>d</c> or of <c>x</c>, as a plan may choose for a value that is dead.</summary>
    public char GradientIn { get; init; } = 'g';

    /// <summary>Elements by which rows are longer than wide; in rows only D's may be, the gate's have no room.</summary>
    private int Padding => Tokens ? 8 - Shift : 0;

    private int LinesOfD => Tokens ? K : M;

    private int WidthOfD => Tokens ? N : K;

    private int StrideD => WidthOfD + 8 - Shift;

    private int StrideX => Tokens ? N + Padding : 2 * N;

    private int StrideY => N + Padding;

    private int Apart => Tokens ? M * StrideX : N;

    private int SampleD => LinesOfD * StrideD;

    private int SampleX => Tokens ? 2 * M * StrideX : M * StrideX;

    private int SampleY => M * StrideY;

    private long PlaceD => PlaceOf('d', D);

    private long PlaceX => PlaceOf('x', X);

    private long PlaceC => PlaceOf('c', C);

    private long PlaceY => PlaceOf('y', Y);

    private long PlaceGradient => PlaceOf('g', GradientIn switch { 'd' => D, 'x' => X, _ => Gradient });

    /// <summary>The largest error of an element, beyond its own rounding, over the largest element; NaN if something was not written, or something else was.</summary>
    /// <param name="queue">With <see cref="Floats"/> of memory.</param>
    /// <param name="hasDy">dY is in memory, because no tile did the gate's work.</param>
    public double Error(GpuQueue queue, bool hasDy = false)
    {
        var (before, after) = Run(queue, isSeparate: false);
        double largest = 0, error = 0;
        foreach (var (sample, row, column) in Elements())
        {
            var x = X(PlaceX, sample, row) + column;
            double dy = Sum(before, sample, row, column), a = ElementMemory.Get(before, x), b = ElementMemory.Get(before, x + Apart), s = 1 / (1 + Math.Exp(-a));
            var gradient = X(PlaceGradient, sample, row) + column;
            Meet(a * s * b, OfY(PlaceY, sample, row) + column);
            Meet(dy * s * b * (1 + (a * (1 - s))), gradient);
            Meet(dy * s * a, gradient + Apart);
        }

        // What is left must be the sea: dY, and what lies between rows and behind them.
        return ElementMemory.IsSea(after.AsSpan(hasDy ? Y : C, hasDy ? 2 * Room : 3 * Room)) ? error / largest : double.NaN;

        void Meet(double expected, long at)
        {
            largest = Math.Max(largest, Math.Abs(expected));
            double found = ElementMemory.Get(after, at);
            error = Math.Max(error, double.IsNaN(found) ? double.NaN : Math.Abs(expected - found) - ElementMemory.Rounding(at, expected));
            ElementMemory.Set(after, at, float.NaN);
        }

        long X(long place, int sample, int row) => place + (sample * (long)SampleX) + (row * (long)StrideX);
    }

    /// <summary>Y and the gradients have the bits that the product and the row kernel make one after the other.</summary>
    public bool IsAsSeparate(GpuQueue queue)
    {
        var (joined, separate) = (Run(queue, isSeparate: false).After, Run(queue, isSeparate: true).After);
        return !ElementMemory.IsSea(joined.AsSpan(Gradient, Room))
            && joined.AsSpan(Y, 2 * Room).SequenceEqual(separate.AsSpan(Y, 2 * Room));
    }

    /// <summary>The row kernel as the generator emits it.</summary>
    public static void Rows<V, R>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where V : struct, IRowLane<V, R>
        where R : struct, IGpuRef<R>
    {
        var half = (int)(a.R1 - a.R0);
        var (x, y) = (GpuRows.First(a) * 2 * half, GpuRows.First(a) * half);
        for (var c = V.First; c < half; c += V.Step)
        {
            Join<V, R>(c, R.At(floats, a.R0) + x, R.At(floats, a.R1) + x, R.At(floats, a.R2) + y, R.At(floats, a.R3) + y, R.At(floats, a.R4) + x, R.At(floats, a.R5) + x);
        }
    }

    /// <summary>The column kernel as the generator emits it.</summary>
    public static void Columns<V, R>(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
        where V : struct, IRowLane<V, R>
        where R : struct, IGpuRef<R>
    {
        var length = (int)(a.R1 - a.R0) / a.I0;
        for (var c = V.First; c < GpuColumns.Count(a); c += V.Step)
        {
            for (var i = 0; i < length; i++)
            {
                Join<V, R>(
                    c,
                    GpuColumns.Place<R>(floats, a, a.R0, a.J0) + ((long)i * a.I0),
                    GpuColumns.Place<R>(floats, a, a.R1, a.J1) + ((long)i * a.I1),
                    GpuColumns.Place<R>(floats, a, a.R2, a.J2) + ((long)i * a.I2),
                    GpuColumns.Place<R>(floats, a, a.R3, a.J3) + ((long)i * a.I3),
                    GpuColumns.Place<R>(floats, a, a.R4, a.J4) + ((long)i * a.I4),
                    GpuColumns.Place<R>(floats, a, a.R5, a.J5) + ((long)i * a.I5));
            }
        }
    }

    private static void Join<V, R>(int c, R a, R b, R y, R dy, R da, R db)
        where V : struct, IRowLane<V, R>
        where R : struct, IGpuRef<R>
    {
        V left = V.Load(a, c), right = V.Load(b, c);
        V.Store(default(SwiGate).Forward(left, right), y, c);
        var (first, second) = default(SwiGate).Backward(left, right, V.Zero, V.Load(dy, c));
        V.Store(first, da, c);
        V.Store(second, db, c);
    }

    private (float[] Before, float[] After) Run(GpuQueue queue, bool isSeparate)
    {
        var random = new Random(6);
        var memory = new float[Floats];
        ElementMemory.Fill(memory);
        Draw(Shift, 1, K * (Tokens ? M : N), 0);
        for (var sample = 0; sample < Samples; sample++)
        {
            Draw(PlaceD + (sample * SampleD), LinesOfD, WidthOfD, StrideD);
            Draw(PlaceX + (sample * SampleX), Tokens ? 2 * M : M, Tokens ? N : 2 * N, StrideX);
        }

        queue.Upload(memory, 0);
        if (Bfloat16)
        {
            GpuTest.NeedTensorCores();
        }

        queue.Bfloat16Weights = Bfloat16 ? new Bfloat16Copy(0, Room, Copy) : null;
        Launch(new Worker(0, default, 0, 1, queue), isSeparate);
        var after = new float[Floats];
        queue.Download(0, after);
        return (memory, after);

        void Draw(long place, int rows, int columns, int stride)
        {
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++)
                {
                    ElementMemory.Set(memory, place + ((long)row * stride) + column, (random.NextSingle() * 2) - 1);
                }
            }
        }
    }

    private void Launch(in Worker worker, bool isSeparate)
    {
        Ref w = GpuQueue.Place(Shift), d = GpuQueue.Place(PlaceD), x = GpuQueue.Place(PlaceX), dy = GpuQueue.Place(PlaceC), y = GpuQueue.Place(PlaceY), gradient = GpuQueue.Place(PlaceGradient);
        switch (Tokens, isSeparate)
        {
            case (false, false):
                MatMul.RowsBackwardForNext(worker, d, StrideD, w, dy, StrideY, M, K, N);
                GpuRows.RunHalvesBackward<SwiGate>(worker, Rows<GpuLane, GpuRef>, Rows<GpuLane, GpuMixedRef>, N, M, x, x + N, y, dy, gradient, gradient + N);
                break;
            case (false, true):
                MatMul.RowsBackward(worker, d, StrideD, w, dy, StrideY, M, K, N, accumulate: false);
                GpuRows.Run(worker, Rows<GpuLane, GpuRef>, Rows<GpuLane, GpuMixedRef>, N, M, x, x + N, y, dy, gradient, gradient + N);
                break;
            case (true, false):
                MatMul.ColumnsBackwardForNext(worker, w, M, d, StrideD, SampleD, dy, StrideY, SampleY, Samples, M, K, N);
                GpuColumns.RunHalvesBackward<SwiGate>(worker, Columns<GpuLane, GpuRef>, Columns<GpuLane, GpuMixedRef>, N, Samples, X(x), X(x + Apart), (y, StrideY, SampleY), (dy, StrideY, SampleY), X(gradient), X(gradient + Apart));
                break;
            default:
                MatMul.Columns(worker, w, M, d, StrideD, SampleD, dy, StrideY, SampleY, Samples, M, K, N, transposed: true, accumulate: false);
                GpuColumns.Run(worker, Columns<GpuLane, GpuRef>, Columns<GpuLane, GpuMixedRef>, N, Samples, X(x), X(x + Apart), (y, StrideY, SampleY), (dy, StrideY, SampleY), X(gradient), X(gradient + Apart));
                break;
        }

        (Ref, int, int) X(Ref at) => (at, StrideX, SampleX);
    }

    private IEnumerable<(int Sample, int Row, int Column)> Elements() =>
        from sample in Enumerable.Range(0, Samples) from row in Enumerable.Range(0, M) from column in Enumerable.Range(0, N) select (sample, row, column);

    private double Sum(float[] memory, int sample, int row, int column)
    {
        var sum = 0d;
        for (var k = 0; k < K; k++)
        {
            var weight = memory[Shift + (Tokens ? (k * M) + row : (k * N) + column)];
            sum += (double)(Bfloat16 ? TensorCoreMatrices.Bfloat16(weight) : weight) * ElementMemory.Get(memory, PlaceD + (sample * SampleD) + (Tokens ? (k * StrideD) + column : (row * StrideD) + k));
        }

        return sum;
    }

    private long OfY(long place, int sample, int row) => place + (sample * (long)SampleY) + (row * (long)StrideY);

    private long PlaceOf(char operand, int floats) => (Forms.Contains(operand, StringComparison.Ordinal) ? Bfloat16Place.Of(floats) : floats) + Shift;
}
