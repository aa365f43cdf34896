using Graph.Execution;
using Graph.Operators;
using Graph.Tests.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Device products against the CPU's. Tolerance 1e-5 of the largest element: float32 sums of up to 2,000 products in another order.
/// </summary>
public sealed class GpuMatMulTests
{
    private const double Tolerance = 1e-5;

    private const long Room = 1 << 21;

    /// <summary>Kind, rows, k, n, misalignment.</summary>
    public static TheoryData<string, int, int, int, int> Shapes => new()
    {
        { "simulation", 17, 19, 5, 1 }, // ragged in everything, small tile
        { "simulation", 35, 20, 40, 0 }, // middle tile, vectors
        { "simulation", 33, 18, 34, 1 }, // middle tile, scalars
        { "ptx", 17, 19, 5, 1 },
        { "ptx", 35, 20, 40, 0 },
        { "ptx", 33, 18, 34, 1 },
        { "pocl", 200, 512, 130, 0 },
        { "pocl", 97, 97, 129, 0 },
        { "pocl", 301, 64, 2, 0 },
        { "pocl", 130, 300, 11, 3 },
        { "pocl", 65, 36, 64, 2 },
        { "pocl", 1, 1, 1, 0 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Rows_equal_the_cpu(string kind, int rows, int k, int n, int shift)
    {
        using var twin = new TwinMemory(kind, Room);
        int xStride = k + (shift == 0 ? 4 : 3), yStride = n + (shift == 0 ? 8 : 1);
        Ref x = twin.Values((long)rows * xStride, shift), w = twin.Values((long)n * k), dw = twin.Values((long)n * k, shift), y = twin.Values((long)rows * yStride);
        Ref packed = Golden.Floats(MatMul.PackedLength(k, n)), packedBackward = Golden.Floats(MatMul.PackedLength(k, n));
        MatMul.Pack(w, k, k, n, transposed: true, packed);
        MatMul.Pack(dw, n, k, n, transposed: false, packedBackward);
        foreach (var accumulate in new[] { false, true })
        {
            twin.Run(1, 0, (worker, _, at, _) => MatMul.Rows(worker, at(x), xStride, worker.Gpu is null ? packed : at(w), at(y), yStride, rows, k, n, accumulate));
            twin.AssertSame(Tolerance);
            twin.Run(1, 0, (worker, _, at, _) => MatMul.RowsBackward(worker, at(x), xStride, worker.Gpu is null ? packedBackward : at(dw), at(y), yStride, rows, k, n, accumulate));
            twin.AssertSame(Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Columns_equal_the_cpu(string kind, int m, int k, int columns, int shift)
    {
        const int Samples = 3;
        columns = Math.Min(columns, 128);
        using var twin = new TwinMemory(kind, Room);
        var stride = columns + shift;
        long xSample = (k + 1L) * stride, ySample = (m + 2L) * stride;
        Ref w = twin.Values((long)m * k), x = twin.Values(Samples * xSample, shift), y = twin.Values(Samples * ySample);
        foreach (var transposed in new[] { false, true })
        {
            foreach (var accumulate in new[] { false, true })
            {
                twin.Run(
                    Samples,
                    MatMul.ColumnsScratch(k),
                    (worker, unit, at, _) => MatMul.Columns(worker, at(w), transposed ? m : k, at(x) + (unit * xSample), stride, xSample, at(y) + (unit * ySample), stride, ySample, worker.Gpu is null ? 1 : Samples, m, k, columns, transposed, accumulate));
                twin.AssertSame(Tolerance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Weight_gradients_equal_the_cpu(string kind, int rows, int m, int n, int shift)
    {
        using var twin = new TwinMemory(kind, Room);
        int dyStride = m + shift, xStride = n + shift;
        Ref dy = twin.Values((long)rows * dyStride, shift), x = twin.Values((long)rows * xStride), dw = twin.Values((long)m * n);
        twin.Run(
            MatMul.WeightGradientUnits(m, n),
            MatMul.WeightGradientScratch,
            (worker, unit, at, _) => MatMul.WeightGradient(worker, unit, at(dy), dyStride, at(x), xStride, rows, at(dw), m, n));
        twin.AssertSame(Tolerance);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Token_weight_gradients_equal_the_cpu(string kind, int m, int columns, int k, int shift)
    {
        const int Samples = 3;
        using var twin = new TwinMemory(kind, Room);
        var stride = columns + shift;
        long dySample = (m + 1L) * stride, xSample = (k + 2L) * stride;
        Ref dy = twin.Values(Samples * dySample), x = twin.Values(Samples * xSample, shift), dw = twin.Values((long)m * k);
        twin.Run(
            MatMul.TokenWeightGradientUnits(m, k),
            MatMul.TokenWeightGradientScratch,
            (worker, unit, at, _) => MatMul.TokenWeightGradient(worker, unit, at(dy), stride, dySample, at(x), stride, xSample, Samples, columns, at(dw), m, k));
        twin.AssertSame(Tolerance);
    }

    /// <summary>A gradient of few tiles runs in parts, which are summed in their order.</summary>
    [Theory]
    [InlineData(2000, 96, 72)]
    [InlineData(1111, 11, 130)]
    public void A_split_weight_gradient_equals_the_cpu(int rows, int m, int n)
    {
        using var twin = new TwinMemory("pocl", Room);
        Assert.InRange(MatMul.GradientSplits(rows, m, n), 2, rows);
        Ref dy = twin.Values((long)rows * m), x = twin.Values((long)rows * n), dw = twin.Values((long)m * n);
        twin.Run(
            MatMul.WeightGradientUnits(m, n),
            MatMul.WeightGradientScratch,
            (worker, unit, at, _) => MatMul.WeightGradient(worker, unit, at(dy), m, at(x), n, rows, at(dw), m, n));
        twin.AssertSame(Tolerance);
    }

    /// <summary>A queue finds a compiled kernel by its delegate: another delegate for the same kernel would compile it again.</summary>
    [Fact]
    public void The_same_product_is_the_same_delegate()
    {
        var queue = new RecordingQueue();
        var worker = new Worker(0, default, 0, 1, queue);
        for (var turn = 0; turn < 2; turn++)
        {
            MatMul.Rows(worker, GpuQueue.Place(0), 64, GpuQueue.Place(0), GpuQueue.Place(0), 64, 64, 64, 64, accumulate: false);
            SoftmaxCrossEntropy.Forward(worker, 0, GpuQueue.Place(0), GpuQueue.IntPlace(0), GpuQueue.Place(0), GpuQueue.Place(0), GpuQueue.Place(0), 2, 3);
            MatMul.RowsForNext(worker, GpuQueue.Place(0), 64, GpuQueue.Place(0), GpuQueue.Place(8192), 64, 64, 64, 64, keep: true);
            GpuRows.RunHalves<SwiGate>(worker, PairProduct.Gate, PairProduct.Gate, 32, 64, GpuQueue.Place(8192), GpuQueue.Place(8192 + 32), GpuQueue.Place(16384));
        }

        Assert.Equal(6, queue.Kernels.Count);
        for (var i = 0; i < 3; i++)
        {
            Assert.Same(queue.Kernels[i], queue.Kernels[i + 3]);
        }
    }

    /// <summary>All three tiles over all three layouts, whatever the sizes would choose.</summary>
    [Theory]
    [InlineData("pocl", GpuTiles.SmallTile)]
    [InlineData("pocl", GpuTiles.MiddleTile)]
    [InlineData("pocl", GpuTiles.LargeTile)]
    [InlineData("simulation", GpuTiles.LargeTile)]
    [InlineData("ptx", GpuTiles.LargeTile)]
    public void A_forced_tile_equals_the_reference(string kind, int tile)
    {
        var (m, n, k) = kind == "pocl" ? (132, 260, 44) : (12, 20, 12);
        using var open = GpuTest.Open(kind, 1 << 18);
        var random = new Random(2);
        float[] a = Draw(m * k), b = Draw(n * k), c = Draw(m * n), result = new float[m * n];
        open.Queue.Upload(a, 0);
        open.Queue.Upload(b, 1 << 16);
        foreach (var (deepA, deepB) in new[] { (true, true), (true, false), (false, false) })
        {
            open.Queue.Upload(c, 1 << 17);
            new GpuProduct(new GpuFactor(0, deepA ? k : m, deepA), new GpuFactor(1 << 16, deepB ? k : n, deepB), 1 << 17, n, m, n, k) { Accumulate = true, Tile = tile }.Launch(open.Queue);
            open.Queue.Download(1 << 17, result);
            for (var i = 0; i < m * n; i++)
            {
                int row = i / n, column = i % n;
                double sum = c[i];
                for (var l = 0; l < k; l++)
                {
                    sum += (double)a[deepA ? (row * k) + l : (l * m) + row] * b[deepB ? (column * k) + l : (l * n) + column];
                }

                Assert.Equal(sum, result[i], 1e-5);
            }
        }

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    /// <summary>Parts behind the end of the sum are zero, and nothing is read behind the last sample: the memory ends there.</summary>
    [Theory]
    [InlineData(GpuTiles.SmallTile)]
    [InlineData(GpuTiles.MiddleTile)]
    [InlineData(GpuTiles.LargeTile)]
    public void A_part_without_steps_reads_nothing_behind_the_end(int tile)
    {
        const int M = 5, N = 3, K = 16, Samples = 5, Splits = 7, StartB = Splits * M * N, StartA = StartB + (Samples * N * K);
        using var queue = new PtxQueue(StartA + (Samples * M * K), 16);
        var random = new Random(6);
        float[] memory = [.. Enumerable.Range(0, StartA + (Samples * M * K)).Select(_ => random.NextSingle())], result = new float[StartB];
        queue.Upload(memory, 0);
        var (a, b) = (new GpuFactor(StartA, K, Deep: true, Sample: M * K), new GpuFactor(StartB, K, Deep: true, Sample: N * K));
        new GpuProduct(a, b, 0, N, M, N, K) { Samples = Samples, Splits = Splits, BatchC = M * N, Tile = tile }.Launch(queue);
        queue.Download(0, result);
        Assert.All(result[^(M * N)..], part => Assert.Equal(0, part));
        for (var i = 0; i < M * N; i++)
        {
            var parts = Enumerable.Range(0, Splits).Sum(split => (double)result[(split * M * N) + i]);
            var expected = Enumerable.Range(0, Samples * K).Sum(l => (double)memory[StartA + (l / K * M * K) + (i / N * K) + (l % K)] * memory[StartB + (l / K * N * K) + (i % N * K) + (l % K)]);
            Assert.Equal(expected, parts, 1e-4); // float32 sums of 80 products below 1
        }
    }

    private sealed class RecordingQueue : GpuQueue
    {
        public List<GpuKernel> Kernels { get; } = [];

        public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments) => Kernels.Add(kernel);

        public override void Upload(ReadOnlySpan<float> values, long offset) => throw new NotSupportedException();

        public override void Upload(ReadOnlySpan<int> values, long offset) => throw new NotSupportedException();

        public override void Download(long offset, Span<float> values) => throw new NotSupportedException();

        public override Ref Table(object key, Func<float[]> make) => throw new NotSupportedException();

        public override Ref Scratch(long count) => throw new NotSupportedException();

        public override void Synchronize() => throw new NotSupportedException();
    }
}
