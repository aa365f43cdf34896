using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests;

public sealed class MatMulTests
{
    private static readonly int[] Lanes = [.. new[] { 16, 8, 4, 1 }.Where(l => l <= CpuExecutor.WidestLanes)];
    private static readonly int[] Blocks = [1, 5, 12, 31];

    public static TheoryData<int, int, int, int> Shapes
    {
        get
        {
            var data = new TheoryData<int, int, int, int>();
            foreach (int lanes in Lanes)
            {
                data.Add(lanes, 1, 1, 1);
                data.Add(lanes, 12, 32, 32);
                data.Add(lanes, 13, 300, 70);
                data.Add(lanes, 29, 17, 33);
                data.Add(lanes, 100, 519, 11);
                data.Add(lanes, 97, 97, 129);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void RowsMatchesDouble(int lanes, int rows, int k, int n)
    {
        foreach (bool transposed in new[] { false, true })
        {
            foreach (bool accumulate in new[] { false, true })
            {
                using var data = new Operands(lanes, scratch: 0);
                int aStride = k + 3, cStride = n + 5, bStride = (transposed ? k : n) + 2;
                Ref a = data.Values((long)rows * aStride), b = data.Values((long)(transposed ? n : k) * bStride), c = data.Values((long)rows * cStride);
                float[] before = c.Span((long)rows * cStride).ToArray();
                Ref packed = data.Values(MatMul.PackedLength(k, n));
                MatMul.Pack(b, bStride, k, n, transposed, packed);
                MatMul.Rows(data.Worker, a, aStride, packed, c, cStride, rows, k, n, accumulate);
                Compare(before, c, cStride, rows, n, accumulate, k, (i, j, l) => (double)a[(long)i * aStride + l] * (transposed ? b[(long)j * bStride + l] : b[(long)l * bStride + j]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ColumnsMatchesDouble(int lanes, int m, int k, int columns)
    {
        columns = Math.Min(columns, 128);
        foreach (bool transposed in new[] { false, true })
        {
            foreach (bool accumulate in new[] { false, true })
            {
                using var data = new Operands(lanes, MatMul.ColumnsScratch(k));
                int wStride = (transposed ? m : k) + 1, stride = columns + 7;
                Ref w = data.Values((long)(transposed ? k : m) * wStride), x = data.Values((long)k * stride), c = data.Values((long)m * stride);
                float[] before = c.Span((long)m * stride).ToArray();
                MatMul.Columns(data.Worker, w, wStride, x, stride, 0, c, stride, 0, 1, m, k, columns, transposed, accumulate);
                Compare(before, c, stride, m, columns, accumulate, k, (i, j, l) => (double)(transposed ? w[(long)l * wStride + i] : w[(long)i * wStride + l]) * x[(long)l * stride + j]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void WeightGradientMatchesDouble(int lanes, int m, int rows, int n)
    {
        using var data = new Operands(lanes, MatMul.WeightGradientScratch);
        n = n == 129 ? 300 : n;
        int dyStride = m + 3, xStride = n + 1;
        Ref dy = data.Values((long)rows * dyStride), x = data.Values((long)rows * xStride), dw = data.Values((long)m * n);
        float[] before = dw.Span((long)m * n).ToArray();
        for (long unit = 0; unit < MatMul.WeightGradientUnits(m, n); unit++)
        {
            MatMul.WeightGradient(data.Worker, unit, dy, dyStride, x, xStride, rows, dw, m, n);
        }

        Compare(before, dw, n, m, n, true, rows, (i, j, l) => (double)dy[(long)l * dyStride + i] * x[(long)l * xStride + j]);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TokenWeightGradientMatchesDouble(int lanes, int m, int columns, int k)
    {
        const int Samples = 3;
        using var data = new Operands(lanes, MatMul.TokenWeightGradientScratch);
        int stride = columns + 1;
        long dySample = (long)m * stride + 4, xSample = (long)k * stride + 9;
        Ref dy = data.Values(Samples * dySample), x = data.Values(Samples * xSample), dw = data.Values((long)m * k);
        float[] before = dw.Span((long)m * k).ToArray();
        for (long unit = 0; unit < MatMul.TokenWeightGradientUnits(m, k); unit++)
        {
            MatMul.TokenWeightGradient(data.Worker, unit, dy, stride, dySample, x, stride, xSample, Samples, columns, dw, m, k);
        }

        Compare(before, dw, k, m, k, true, Samples * columns, (i, j, l) => (double)dy[l / columns * dySample + (long)i * stride + l % columns] * x[l / columns * xSample + (long)j * stride + l % columns]);
    }

    [Fact]
    public void BitsDependNeitherOnThePartitionNorOnTheLane()
    {
        const int Rows = 50, K = 531, N = 45;
        using var data = new Operands(CpuExecutor.WidestLanes, scratch: 0);
        Ref a = data.Values(Rows * K), b = data.Values(K * N), packed = data.Values(MatMul.PackedLength(K, N)), c = data.Values(Rows * N);
        MatMul.Pack(b, N, K, N, transposed: false, packed);
        MatMul.Rows(data.Worker, a, K, packed, c, N, Rows, K, N, accumulate: false);
        float[] whole = c.Span(Rows * N).ToArray();
        foreach (int lanes in Lanes)
        {
            foreach (int block in Blocks)
            {
                c.Span(Rows * N).Clear();
                for (int row = 0; row < Rows; row += block)
                {
                    MatMul.Rows(new Worker(0, default, 0, lanes), a + row * K, K, packed, c + row * N, N, Math.Min(block, Rows - row), K, N, accumulate: false);
                }

                Assert.Equal(whole, c.Span(Rows * N).ToArray());
            }
        }
    }

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

    private sealed class Operands(int lanes, long scratch) : IDisposable
    {
        private readonly List<Arena> arenas = [];
        private readonly Random random = new(1);

        public Worker Worker => new(0, Values(scratch), scratch, lanes);

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

        public void Dispose() => arenas.ForEach(a => a.Dispose());
    }
}
