using Graph.Execution;
using Graph.Operators;
using Graph.Ptx;

namespace Graph.Tests.Gpu;

/// <summary>
/// One product with random factors in the memory of a <see cref="PtxQueue"/>, and its reference in doubles from the factors as bfloat16 has
/// them. A, B, C and an added matrix lie one after the other in rows that are longer than needed, in NaN. C and D are float32 or bfloat16.
/// </summary>
internal sealed class TensorCoreMatrices
{
    /// <summary>Floats at which A, B, C, D and the copies start; also the most a matrix has.</summary>
    private const int Room = 1 << 16;

    /// <summary>Floats by which lines are longer than what they hold: chunks stay aligned.</summary>
    private const int Padding = 8;

    /// <summary>The same of ragged lines, and where the first starts: no chunk is aligned.</summary>
    private const int RaggedPadding = 2, RaggedStart = 1;

    private readonly Product product;
    private readonly float[] a;
    private readonly float[] b;
    private readonly float[] d;

    public TensorCoreMatrices(Product product)
    {
        this.product = product;
        var random = new Random(3);
        a = Draw(product.Samples * product.M * product.K);
        b = Draw(product.Batches * product.Samples * product.N * product.K);
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

        /// <summary>A lies at an odd place, in lines that are no multiple of anything.</summary>
        public bool LeftIsRagged { get; init; }

        /// <summary>The same of B.</summary>
        public bool RightIsRagged { get; init; }

        /// <summary>Products of the same A, each with its own B and C.</summary>
        public int Batches { get; init; } = 1;

        /// <summary>Products that are summed, each with its own A and B.</summary>
        public int Samples { get; init; } = 1;

        /// <summary>Add D, the same to all batches; with <see cref="Accumulates"/> D is C.</summary>
        public bool Adds { get; init; }

        public bool Accumulates { get; init; }

        /// <summary>C and D are bfloat16.</summary>
        public bool ResultIsBfloat16 { get; init; }

        /// <summary>Parts of the sum, each with its own C.</summary>
        public int Splits { get; init; } = 1;
    }

    /// <summary>Bank conflicts of the last run's matrix loads.</summary>
    public long Conflicts { get; private set; }

    private int StartA => product.LeftIsRagged ? RaggedStart : 0;

    private int StartB => Room + (product.RightIsRagged ? RaggedStart : 0);

    private int LinesA => product.Layout == ProductLayout.TN ? product.K : product.M;

    private int LineA => (product.Layout == ProductLayout.TN ? product.M : product.K) + (product.LeftIsRagged ? RaggedPadding : Padding);

    private int LinesB => product.Layout == ProductLayout.NT ? product.N : product.K;

    private int LineB => (product.Layout == ProductLayout.NT ? product.K : product.N) + (product.RightIsRagged ? RaggedPadding : Padding);

    private int LineC => product.N + 2;

    private long PlaceC => PlaceOf(2 * Room);

    private long PlaceD => product.Accumulates ? PlaceC : PlaceOf(3 * Room);

    /// <summary>Runs a kernel of the product's tile and layout, and compares.</summary>
    /// <returns>The largest error of an element, beyond its own rounding, over the largest element; against the factors as bfloat16 has them, and as they were.</returns>
    public (double Rounded, double Exact) Error(GpuKernel kernel) =>
        Error((open, groups, threads, arguments) => open.Queue.Launch(kernel, groups, threads, arguments));

    /// <summary>The same of a changed text, in the interpreter.</summary>
    /// <exception cref="PtxException">The machine stopped.</exception>
    public (double Rounded, double Exact) Error(PtxKernel mutant) =>
        Error((open, groups, threads, arguments) => open.Interpreter.Launch(mutant, groups, threads, arguments));

    private (double Rounded, double Exact) Error(Action<GpuTest.OpenQueue, long, int, GpuArguments> launch)
    {
        using var open = GpuTest.Open("ptx", 6 * Room);
        var queue = open.Queue;
        var memory = new float[6 * Room];
        ElementMemory.Fill(memory);
        Place(a, product.Samples * LinesA, LineA, memory.AsSpan(StartA, Room));
        Place(b, product.Batches * product.Samples * LinesB, LineB, memory.AsSpan(StartB, Room));
        for (var batch = 0; batch < product.Batches; batch++)
        {
            for (var i = 0; i < d.Length; i++)
            {
                ElementMemory.Set(memory, PlaceD + (((batch * product.M) + (i / product.N)) * LineC) + (i % product.N), d[i]);
            }
        }

        queue.Upload(memory, 0);
        foreach (var (from, to) in new[] { (0, 4 * Room), (Room, 5 * Room) })
        {
            new Bfloat16Copy(from, Room, to).Refresh(queue);
        }

        var each = product.M * LineC;
        int stepsOfSample = Count(product.K, product.TileK), steps = product.Samples * stepsOfSample, part = Count(steps, product.Splits), down = Count(product.M, product.TileM), across = Count(product.N, product.TileN);
        launch(open, product.Batches * product.Splits * down * across, product.Threads, new GpuArguments
        {
            R0 = product.LeftIsCopied ? 8 * Room : StartA,
            R1 = product.RightIsCopied ? 10 * Room : StartB,
            R2 = Bfloat16Place.Start(PlaceC),
            R4 = product.Batches == 1 ? 0 : LinesB * LineB,
            R5 = each,
            R6 = LinesA * LineA,
            R7 = LinesB * LineB,
            R8 = steps,
            R9 = product.Splits == 1 ? 0 : part,
            R10 = part,
            R11 = Bfloat16Place.Start(PlaceD),
            R12 = each,
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
            I10 = stepsOfSample,
            J0 = product.ResultIsBfloat16 ? 1 : 0,
        });
        queue.Download(0, memory);
        Conflicts = (queue as PtxQueue)?.MatrixConflicts ?? 0;
        return Compare(memory, each);
    }

    private (double Rounded, double Exact) Compare(Span<float> memory, int each)
    {
        double largest = 0, rounded = 0, exact = 0;
        for (var row = 0; row < product.Batches * product.M; row++)
        {
            int batch = row / product.M, i = row % product.M;
            for (var j = 0; j < product.N; j++)
            {
                var (sum, roundedSum) = Expected(batch, i, j);
                double actual = 0;
                for (var split = 0; split < product.Splits; split++)
                {
                    var at = PlaceC + ((batch + split) * each) + (i * LineC) + j;
                    actual += ElementMemory.Get(memory, at);
                    ElementMemory.Set(memory, at, float.NaN);
                }

                largest = Math.Max(largest, Math.Abs(sum));
                rounded = double.IsNaN(actual) ? double.NaN : Math.Max(rounded, Math.Abs(actual - roundedSum) - ElementMemory.Rounding(PlaceC, roundedSum));
                exact = Math.Max(exact, Math.Abs(actual - sum));
            }
        }

        if (!ElementMemory.IsSea(memory.Slice(2 * Room, Room)))
        {
            throw new PtxException("the kernel wrote what is no element of C");
        }

        return (rounded / largest, exact / largest);
    }

    private (double Sum, double Rounded) Expected(int batch, int i, int j)
    {
        double sum = product.Adds ? d[(i * product.N) + j] : 0, rounded = product is { Adds: true, ResultIsBfloat16: true } ? Bfloat16((float)sum) : sum;
        for (var sample = 0; sample < product.Samples; sample++)
        {
            var ofA = a.AsSpan(sample * product.M * product.K);
            var ofB = b.AsSpan(((batch * product.Samples) + sample) * product.N * product.K);
            for (var k = 0; k < product.K; k++)
            {
                float left = ofA[product.Layout == ProductLayout.TN ? (k * product.M) + i : (i * product.K) + k];
                float right = ofB[product.Layout == ProductLayout.NT ? (j * product.K) + k : (k * product.N) + j];
                sum += (double)left * right;
                rounded += (double)Bfloat16(left) * Bfloat16(right);
            }
        }

        return (sum, rounded);
    }

    /// <summary>To nearest, ties to even, by the framework's rounding of doubles: another way than the kernel's.</summary>
    public static float Bfloat16(float value)
    {
        var unit = Math.ScaleB(1, Math.ILogB(value) - 7);
        return (float)(Math.Round(value / unit, MidpointRounding.ToEven) * unit);
    }

    private long PlaceOf(int floats) => product.ResultIsBfloat16 ? Bfloat16Place.Of(floats) : floats;

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
