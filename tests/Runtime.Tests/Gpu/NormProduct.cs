using Graph.Execution;
using Graph.Operators;
using ILGPU;

namespace Graph.Tests.Gpu;

/// <summary>
/// A product x Wᵀ and the norm of its rows plus those of a residual, as a region calls them, against doubles. x, W, the residual, Y and the statistic lie in a
/// sea of NaN; x in rows longer than needed.
/// </summary>
/// <param name="Rows">Of x.</param>
/// <param name="K">Summed indices.</param>
/// <param name="N">Columns of a row.</param>
internal sealed record NormProduct(int Rows, int K, int N)
{
    /// <summary>So large that it cannot be missing unnoticed.</summary>
    private const float Eps = 0.5f;

    /// <summary>Rows that are asked for where the tile is wide: the fewest with which it runs. The tiles behind <see cref="Rows"/> are not launched.</summary>
    private const int Wide = (65 * TensorCoreKernels.SmallTile) + 1;

    private const int W = 0, RoomW = 1 << 16, Copy = RoomW;

    /// <summary>Of x, the residual, Y, the statistic and C: bfloat16 or float32, as <see cref="Forms"/> says.</summary>
    private const int X = 2 * RoomW;

    /// <summary>Which of the product c, the residual r and the result y are bfloat16; x is.</summary>
    public string Forms { get; init; } = "cry";

    /// <summary>Nobody reads the statistic.</summary>
    public bool IsAlone { get; init; }

    /// <summary>Y takes the place of: "" nothing, "r" the residual, "x" the product's x, "half r" some rows behind the residual's first.</summary>
    public string ResultIn { get; init; } = "";

    /// <summary>The product is the sum's second operand.</summary>
    public bool IsSecond { get; init; }

    /// <summary>C is read by others too.</summary>
    public bool Keep { get; init; }

    /// <summary>No tile can do the norm: C is written.</summary>
    public bool WritesC { get; init; }

    /// <summary>All rows are asked for and launched, also where the tile could be wide.</summary>
    public bool IsShort { get; init; }

    /// <summary>What is asked for.</summary>
    private int Asked => N > TensorCoreKernels.NarrowTile && !IsShort ? Wide : Rows;

    private int StrideX => K + 8;

    private int Residual => X + (Asked * StrideX / 2) + 64;

    private int Y => Residual + (Asked * N) + 64;

    private int Statistic => Y + (Asked * N) + 64;

    private int C => Statistic + Asked + (Asked % 2) + 64;

    /// <summary>Floats of device memory.</summary>
    public int Floats => C + (Rows * N) + 64;

    private long PlaceY => ResultIn switch
    {
        "r" => PlaceR,
        "half r" => PlaceR + (8 * N),
        "x" => Bfloat16Place.Of(X),
        _ => PlaceOf('y', Y),
    };

    private long PlaceR => PlaceOf('r', Residual);

    /// <summary>Runs it.</summary>
    /// <param name="inner">With <see cref="Floats"/> of memory.</param>
    /// <param name="isFast">Products run on tensor cores.</param>
    /// <returns>The largest error of an element, beyond its own rounding, over the largest element; NaN if something was not written, or something else was.</returns>
    public double Error(GpuQueue inner, bool isFast = true)
    {
        var queue = new FirstRows(inner, Rows) { Bfloat16Weights = isFast ? new Bfloat16Copy(W, RoomW, Copy) : null };
        var random = new Random(6);
        var memory = new float[Floats];
        ElementMemory.Fill(memory);
        float[] w = Draw(N * K), x = Draw(Rows * K), residual = Draw(Rows * N);
        w.CopyTo(memory, W);
        Put(Bfloat16Place.Of(X), x, K, StrideX);
        Put(PlaceR, residual, N, N);
        queue.Upload(memory, 0);
        Call<Add>(queue);
        queue.Download(0, memory);
        return Compare(memory, w, x, residual, isFast);

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];

        void Put(long place, float[] values, int width, int stride)
        {
            for (var i = 0; i < values.Length; i++)
            {
                ElementMemory.Set(memory, place + (i / width * stride) + (i % width), values[i]);
            }
        }
    }

    /// <summary>Queues product and norm, the norm of another operator's result than a sum's too.</summary>
    public void Call<TOp>(GpuQueue queue)
        where TOp : struct, IPointwise2
    {
        var worker = new Worker(0, default, 0, 1, queue);
        Ref c = GpuQueue.Place(PlaceOf('c', C)), residual = GpuQueue.Place(PlaceR), y = GpuQueue.Place(PlaceY);
        MatMul.RowsForNext(worker, GpuQueue.Place(Bfloat16Place.Of(X)), StrideX, GpuQueue.Place(W), c, N, Asked, K, N, Keep);
        var (a, b) = IsSecond ? (residual, c) : (c, residual);
        GpuRows.RunNorm<TOp, RmsNorm>(worker, Kernel, Kernel, new RmsNorm(Eps), N, Asked, a, b, y + N, y, IsAlone ? default : GpuQueue.Place(Statistic));
    }

    /// <summary>The row kernel, by every lane for itself; the sum's place tells the width and is not used.</summary>
    public static void Kernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var width = (int)(a.R2 - a.R3);
        var row = GpuRows.First(a);
        var squares = 0f;
        for (var i = 0; i < width; i++)
        {
            var value = Sum(floats, a, (row * width) + i);
            squares += value * value;
        }

        var r = 1 / MathF.Sqrt((squares / width) + Eps);
        for (var i = Group.IdxX; i < width; i += Group.DimX)
        {
            MixedStorage.Store(floats, a.R3 + (row * width) + i, Sum(floats, a, (row * width) + i) * r);
        }

        if (Group.IdxX == 0 && a.R4 >= 0)
        {
            floats[a.R4 + row] = r;
        }
    }

    private static float Sum(ArrayView<float> floats, GpuArguments a, long at) => MixedStorage.Load(floats, a.R0 + at) + MixedStorage.Load(floats, a.R1 + at);

    private double Compare(float[] memory, float[] w, float[] x, float[] residual, bool isFast)
    {
        var error = 0.0;
        for (var row = 0; row < Rows; row++)
        {
            var sums = new double[N];
            for (var column = 0; column < N; column++)
            {
                sums[column] = Forms.Contains('r', StringComparison.Ordinal) ? TensorCoreMatrices.Bfloat16(residual[(row * N) + column]) : residual[(row * N) + column];
                for (var k = 0; k < K; k++)
                {
                    sums[column] += (double)TensorCoreMatrices.Bfloat16(x[(row * K) + k]) * (isFast ? TensorCoreMatrices.Bfloat16(w[(column * K) + k]) : w[(column * K) + k]);
                }
            }

            var r = 1 / Math.Sqrt(sums.Average(sum => sum * sum) + Eps);
            for (var column = 0; column < N; column++)
            {
                Meet(sums[column] * r, PlaceY + (row * N) + column);
            }

            if (!IsAlone)
            {
                Meet(r, Statistic + row);
            }
        }

        // What is left must be the sea: behind the last row, and a C that nobody reads.
        var isWet = ElementMemory.IsSea(memory.AsSpan(Y..(WritesC ? C : Floats)));
        return isWet ? error : double.NaN;

        // Elements are about 1.
        void Meet(double expected, long at)
        {
            double found = ElementMemory.Get(memory, at);
            error = Math.Max(error, double.IsNaN(found) ? double.NaN : Math.Abs(expected - found) - ElementMemory.Rounding(at, expected));
            ElementMemory.Set(memory, at, float.NaN);
        }
    }

    private long PlaceOf(char operand, int floats) => Forms.Contains(operand, StringComparison.Ordinal) ? Bfloat16Place.Of(floats) : floats;

    /// <summary>Launches the tiles of the first rows alone.</summary>
    private sealed class FirstRows(GpuQueue inner, int rows) : ForwardingQueue(inner)
    {
        public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
        {
            var changed = arguments;
            if (kernel.Method.Name == "Normalized")
            {
                changed.I0 = rows;
                groups = changed.I8 = (rows + TensorCoreKernels.SmallTile - 1) / TensorCoreKernels.SmallTile;
            }

            base.Launch(kernel, groups, groupSize, changed);
        }
    }
}
