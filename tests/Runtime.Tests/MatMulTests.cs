using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests;

public sealed class MatMulTests
{
    private static readonly int[] Lanes = [.. new[] { 16, 8, 4, 1 }.Where(l => l <= CpuExecutor.WidestLanes)];
    private static readonly int[] Blocks = [1, 5, 12, 31];

    public static TheoryData<int, bool, int, int, int> Shapes
    {
        get
        {
            var data = new TheoryData<int, bool, int, int, int>();
            foreach (bool bfloat16 in new[] { false, true })
            {
                foreach (int lanes in Lanes)
                {
                    data.Add(lanes, bfloat16, 1, 1, 1);
                    data.Add(lanes, bfloat16, 12, 32, 32);
                    data.Add(lanes, bfloat16, 13, 300, 70);
                    data.Add(lanes, bfloat16, 29, 17, 33);
                    data.Add(lanes, bfloat16, 100, 519, 11);
                    data.Add(lanes, bfloat16, 97, 97, 129);
                    data.Add(lanes, bfloat16, 23, 1100, 96);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void RowsMatchesDouble(int lanes, bool bfloat16, int rows, int k, int n)
    {
        SkipWithoutTile(lanes, bfloat16);
        foreach (bool transposed in new[] { false, true })
        {
            foreach (bool accumulate in new[] { false, true })
            {
                using var data = new Operands(lanes, bfloat16 ? MatMul.RoundedScratch : 0, bfloat16);
                int aStride = k + 3, cStride = n + 5, bStride = (transposed ? k : n) + 2;
                Ref a = data.Values((long)rows * aStride), b = data.Values((long)(transposed ? n : k) * bStride), c = data.Values((long)rows * cStride);
                float[] before = c.Span((long)rows * cStride).ToArray();
                Ref packed = data.Values(MatMul.PackedLength(k, n, bfloat16));
                MatMul.Pack(b, bStride, k, n, transposed, packed, bfloat16);
                MatMul.Rows(data.Worker, a, aStride, packed, c, cStride, rows, k, n, accumulate);
                Compare(before, c, cStride, rows, n, accumulate, k, (i, j, l) => data.Factor(a[(long)i * aStride + l]) * data.Factor(transposed ? b[(long)j * bStride + l] : b[(long)l * bStride + j]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ColumnsMatchesDouble(int lanes, bool bfloat16, int m, int k, int columns)
    {
        SkipWithoutTile(lanes, bfloat16);
        columns = Math.Min(columns, 128);
        foreach (bool transposed in new[] { false, true })
        {
            foreach (bool accumulate in new[] { false, true })
            {
                using var data = new Operands(lanes, MatMul.ColumnsScratch(k), bfloat16);
                int wStride = (transposed ? m : k) + 1, stride = columns + 7;
                Ref w = data.Values((long)(transposed ? k : m) * wStride), x = data.Values((long)k * stride), c = data.Values((long)m * stride);
                float[] before = c.Span((long)m * stride).ToArray();
                MatMul.Columns(data.Worker, w, wStride, x, stride, 0, c, stride, 0, 1, m, k, columns, transposed, accumulate);
                Compare(before, c, stride, m, columns, accumulate, k, (i, j, l) => data.Factor(transposed ? w[(long)l * wStride + i] : w[(long)i * wStride + l]) * data.Factor(x[(long)l * stride + j]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void WeightGradientMatchesDouble(int lanes, bool bfloat16, int m, int rows, int n)
    {
        SkipWithoutTile(lanes, bfloat16);
        using var data = new Operands(lanes, MatMul.WeightGradientScratch, bfloat16);
        n = n == 129 ? 300 : n;
        int dyStride = m + 3, xStride = n + 1;
        Ref dy = data.Values((long)rows * dyStride), x = data.Values((long)rows * xStride), dw = data.Values((long)m * n);
        float[] before = dw.Span((long)m * n).ToArray();
        for (long unit = 0; unit < MatMul.WeightGradientUnits(m, n); unit++)
        {
            MatMul.WeightGradient(data.Worker, unit, dy, dyStride, x, xStride, rows, dw, m, n);
        }

        Compare(before, dw, n, m, n, true, rows, (i, j, l) => data.Factor(dy[(long)l * dyStride + i]) * data.Factor(x[(long)l * xStride + j]));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TokenWeightGradientMatchesDouble(int lanes, bool bfloat16, int m, int columns, int k)
    {
        SkipWithoutTile(lanes, bfloat16);
        const int Samples = 3;
        using var data = new Operands(lanes, MatMul.TokenWeightGradientScratch, bfloat16);
        int stride = columns + 1;
        long dySample = (long)m * stride + 4, xSample = (long)k * stride + 9;
        Ref dy = data.Values(Samples * dySample), x = data.Values(Samples * xSample), dw = data.Values((long)m * k);
        float[] before = dw.Span((long)m * k).ToArray();
        for (long unit = 0; unit < MatMul.TokenWeightGradientUnits(m, k); unit++)
        {
            MatMul.TokenWeightGradient(data.Worker, unit, dy, stride, dySample, x, stride, xSample, Samples, columns, dw, m, k);
        }

        Compare(before, dw, k, m, k, true, Samples * columns, (i, j, l) => data.Factor(dy[l / columns * dySample + (long)i * stride + l % columns]) * data.Factor(x[l / columns * xSample + (long)j * stride + l % columns]));
    }

    /// <summary>With bfloat16 on narrower lanes than the tile's, since the tile may round sums in another way.</summary>
    [Theory]
    [InlineData(false, 16, 8, 4, 1)]
    [InlineData(true, 16)]
    [InlineData(true, 8, 4, 1)]
    public void BitsDependNeitherOnThePartitionNorOnTheLane(bool bfloat16, params int[] lanesToTry)
    {
        const int Rows = 50, K = 531, N = 45;
        int[] tried = [.. lanesToTry.Where(l => l <= CpuExecutor.WidestLanes)];
        Assert.SkipWhen(tried.Length == 0, "No such lanes.");
        SkipWithoutTile(tried[0], bfloat16);
        using var data = new Operands(tried[0], MatMul.RoundedScratch, bfloat16);
        Ref a = data.Values(Rows * K), b = data.Values(K * N), packed = data.Values(MatMul.PackedLength(K, N, bfloat16)), c = data.Values(Rows * N);
        MatMul.Pack(b, N, K, N, transposed: false, packed, bfloat16);
        MatMul.Rows(data.Worker, a, K, packed, c, N, Rows, K, N, accumulate: false);
        float[] whole = c.Span(Rows * N).ToArray();
        foreach (int lanes in tried)
        {
            foreach (int block in Blocks)
            {
                c.Span(Rows * N).Clear();
                for (int row = 0; row < Rows; row += block)
                {
                    MatMul.Rows(data.With(lanes), a + row * K, K, packed, c + row * N, N, Math.Min(block, Rows - row), K, N, accumulate: false);
                }

                Assert.Equal(whole, c.Span(Rows * N).ToArray());
            }
        }
    }

    /// <summary>Values that vectors and single elements round, in pairs of a row and of a column.</summary>
    [Fact]
    public void RoundingIsToNearestEvenAndKeepsWhatIsNoNumber()
    {
        (float Value, ushort Bits)[] cases =
        [
            (1, 0x3F80), (-0f, 0x8000), (1 + 1f / 256, 0x3F80), (1 + 3f / 256, 0x3F82), (1 + 1.01f / 256, 0x3F81), (-1 - 3f / 256, 0xBF82), (float.PositiveInfinity, 0x7F80),
            (float.MaxValue, 0x7F80), (float.NaN, 0x7FFF), (BitConverter.Int32BitsToSingle(0x7FFF_FFFF), 0x7FFF), (BitConverter.Int32BitsToSingle(1), 0), (1e-3f, 0x3A83),
        ];
        const int Count = 37;
        using var data = new Operands(CpuExecutor.WidestLanes, 0);
        foreach (bool transposed in new[] { false, true })
        {
            // One column of B or one row of it, of an odd length beyond two vectors.
            int k = transposed ? Count : 1, n = transposed ? 1 : Count;
            Ref source = data.Values(Count), packed = data.Values(MatMul.PackedLength(k, n, bfloat16: true));
            for (int i = 0; i < Count; i++)
            {
                source[i] = cases[i % cases.Length].Value;
            }

            MatMul.Pack(source, transposed ? k : n, k, n, transposed, packed, bfloat16: true);
            for (int i = 0; i < Count; i++)
            {
                uint word = BitConverter.SingleToUInt32Bits(packed[transposed ? i / 2 * 32 : i]);
                Assert.Equal(cases[i % cases.Length].Bits, (ushort)(transposed && i % 2 == 1 ? word >> 16 : word));
                Assert.True((transposed && i < Count - 1) || word >> 16 == 0, "An odd end is paired with zero.");
            }
        }
    }

    private static void SkipWithoutTile(int lanes, bool bfloat16) => Assert.SkipUnless(!bfloat16 || lanes < 16 || Bfloat16Tile.IsSupported, Bfloat16Tile.WhyNot);

    /// <summary>Every element within the float32 bound of a sum of that length; everything else untouched.</summary>
    private static void Compare(float[] before, Ref c, int stride, int rows, int columns, bool accumulate, int depth, Func<int, int, int, double> term)
    {
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < stride && (long)i * stride + j < before.Length; j++)
            {
                int at = i * stride + j;
                if (j >= columns)
                {
                    Assert.Equal(before[at], c[at]);
                    continue;
                }

                double sum = accumulate ? before[at] : 0, size = Math.Abs(sum);
                for (int l = 0; l < depth; l++)
                {
                    double value = term(i, j, l);
                    sum += value;
                    size += Math.Abs(value);
                }

                Assert.True(Math.Abs(sum - c[at]) <= (depth + 1) * size * 6e-8 + 1e-30, $"({i}, {j}): {c[at]} instead of {sum}");
            }
        }
    }

    private sealed class Operands(int lanes, long scratch, bool bfloat16 = false) : IDisposable
    {
        private readonly List<Arena> arenas = [];
        private readonly Random random = new(1);
        private readonly Arena memory = Dirty(scratch);

        public Worker Worker => With(lanes);

        public Worker With(int lanes) => new(0, memory.Start, scratch, lanes, bfloat16: bfloat16);

        /// <summary>The value as products see it: with bfloat16 the nearest with eight significant bits, ties to even. The rest of the sum is float32 in any case.</summary>
        public double Factor(float value)
        {
            uint bits = BitConverter.SingleToUInt32Bits(value);
            return bfloat16 ? BitConverter.UInt32BitsToSingle((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000) : value;
        }

        public Ref Values(long count)
        {
            var arena = new Arena(count);
            arenas.Add(arena);
            foreach (ref float value in arena.Span)
            {
                value = (float)(random.NextDouble() * 2 - 1);
            }

            return arena.Start;
        }

        /// <summary>Scratch that spoils every result it reaches.</summary>
        private static Arena Dirty(long count)
        {
            var arena = new Arena(count);
            arena.Span.Fill(float.NaN);
            return arena;
        }

        public void Dispose()
        {
            memory.Dispose();
            arenas.ForEach(a => a.Dispose());
        }
    }
}
