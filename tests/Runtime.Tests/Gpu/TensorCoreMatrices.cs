using Graph.Execution;
using Graph.Ptx;

namespace Graph.Tests.Gpu;

/// <summary>
/// One product with random factors in the memory of a <see cref="PtxQueue"/>, and its reference in doubles from the factors as bfloat16 has
/// them. A, B, C and an added matrix lie one after the other in rows that are longer than needed, in NaN.
/// </summary>
internal sealed class TensorCoreMatrices
{
    /// <summary>Floats at which A, B, C, D and the copies start; also the most a matrix has.</summary>
    private const int Room = 1 << 16;

    /// <summary>Floats by which lines are longer than what they hold: chunks stay aligned.</summary>
    private const int Padding = 8;

    private readonly Product product;
    private readonly float[] a;
    private readonly float[] b;
    private readonly float[] d;

    public TensorCoreMatrices(Product product)
    {
        this.product = product;
        var random = new Random(3);
        a = Draw(product.M * product.K);
        b = Draw(product.N * product.K);
        d = Draw(product.M * product.N);

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    /// <summary>Sizes and layout of a product and the tile of its kernel.</summary>
    /// <param name="Layout">Of the factors.</param>
    /// <param name="TileM">Rows of the kernel's tile.</param>
    /// <param name="TileN">Its columns.</param>
    /// <param name="Threads">Of a group.</param>
    /// <param name="TileK">Its summed indices.</param>
    internal sealed record Product(ProductLayout Layout, int M, int N, int K, int TileM, int TileN, int Threads, int TileK = 32)
    {
        public bool LeftIsCopied { get; init; }

        public bool RightIsCopied { get; init; } = true;

        /// <summary>Add D; with <see cref="Accumulates"/> D is C.</summary>
        public bool Adds { get; init; }

        public bool Accumulates { get; init; }

        /// <summary>Parts of the sum, each with its own C.</summary>
        public int Splits { get; init; } = 1;
    }

    /// <summary>Bank conflicts of the last run's matrix loads.</summary>
    public long Conflicts { get; private set; }

    private int LineA => (product.Layout == ProductLayout.TN ? product.M : product.K) + Padding;

    private int LineB => (product.Layout == ProductLayout.NT ? product.K : product.N) + Padding;

    private int LineC => product.N + 2;

    /// <summary>Runs a kernel, and compares.</summary>
    /// <param name="kernel">Its PTX, right or a mutant.</param>
    /// <returns>The largest error of an element over the largest element; against the factors as bfloat16 has them, and as they were.</returns>
    /// <exception cref="PtxException">The machine stopped, or the kernel wrote where it must not.</exception>
    public (double Rounded, double Exact) Error(PtxKernel kernel)
    {
        var queue = new PtxQueue(6 * Room, 16);
        var memory = new float[6 * Room];
        Array.Fill(memory, float.NaN);
        Place(a, product.Layout == ProductLayout.TN ? product.K : product.M, LineA, memory.AsSpan(0));
        Place(b, product.Layout == ProductLayout.NT ? product.N : product.K, LineB, memory.AsSpan(Room));
        Place(d, product.M, LineC, memory.AsSpan(product.Accumulates ? 2 * Room : 3 * Room));
        queue.Upload(memory, 0);
        foreach (var (from, to) in new[] { (0, 4 * Room), (Room, 5 * Room) })
        {
            new Bfloat16Copy(from, Room, to).Refresh(queue);
        }

        var each = product.M * LineC;
        int steps = Count(product.K, product.TileK), part = Count(steps, product.Splits), down = Count(product.M, product.TileM), across = Count(product.N, product.TileN);
        queue.Launch(kernel, product.Splits * down * across, product.Threads, new GpuArguments
        {
            R0 = product.LeftIsCopied ? 8 * Room : 0,
            R1 = product.RightIsCopied ? 10 * Room : Room,
            R2 = 2 * Room,
            R5 = each,
            R8 = steps,
            R9 = part,
            R10 = part,
            R11 = product.Accumulates ? 2 * Room : 3 * Room,
            I0 = product.M,
            I1 = product.N,
            I2 = product.K,
            I3 = LineA,
            I4 = LineB,
            I5 = LineC,
            I6 = product.Adds ? 1 : 0,
            I7 = across,
            I8 = down,
            I9 = LineC,
        });
        queue.Download(0, memory);
        Conflicts = queue.MatrixConflicts;
        return Compare(memory.AsSpan(2 * Room, Room), each);
    }

    private (double Rounded, double Exact) Compare(ReadOnlySpan<float> c, int each)
    {
        double largest = 0, rounded = 0, exact = 0;
        for (var i = 0; i < product.M; i++)
        {
            for (var j = 0; j < product.N; j++)
            {
                double actual = 0, sum = product.Adds ? d[(i * product.N) + j] : 0, roundedSum = sum;
                for (var k = 0; k < product.K; k++)
                {
                    float left = a[product.Layout == ProductLayout.TN ? (k * product.M) + i : (i * product.K) + k];
                    float right = b[product.Layout == ProductLayout.NT ? (j * product.K) + k : (k * product.N) + j];
                    sum += (double)left * right;
                    roundedSum += (double)Bfloat16(left) * Bfloat16(right);
                }

                for (var split = 0; split < product.Splits; split++)
                {
                    actual += c[(split * each) + (i * LineC) + j];
                }

                largest = Math.Max(largest, Math.Abs(sum));
                rounded = double.IsNaN(actual) ? double.NaN : Math.Max(rounded, Math.Abs(actual - roundedSum));
                exact = Math.Max(exact, Math.Abs(actual - sum));
            }
        }

        for (var at = 0; at < c.Length; at++)
        {
            if ((at >= product.Splits * each || at % LineC >= product.N) && !float.IsNaN(c[at]))
            {
                throw new PtxException($"the kernel wrote {c[at]} at {at}, which is no element of C");
            }
        }

        return (rounded / largest, exact / largest);
    }

    /// <summary>To nearest, ties to even, by the framework's rounding of doubles: another way than the kernel's.</summary>
    public static float Bfloat16(float value)
    {
        var unit = Math.ScaleB(1, Math.ILogB(value) - 7);
        return (float)(Math.Round(value / unit, MidpointRounding.ToEven) * unit);
    }

    private static void Place(float[] values, int lines, int stride, Span<float> to)
    {
        var count = values.Length / lines;
        for (var line = 0; line < lines; line++)
        {
            values.AsSpan(line * count, count).CopyTo(to[(line * stride)..]);
        }
    }

    private static int Count(int extent, int size) => (extent + size - 1) / size;
}
