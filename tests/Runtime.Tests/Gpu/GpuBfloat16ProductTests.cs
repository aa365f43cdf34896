using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The portable products with activations in bfloat16, each operand for itself, against doubles: what tensor cores do not take. Weights and their
/// gradients are float32.
/// </summary>
public sealed class GpuBfloat16ProductTests
{
    /// <summary>Float32 sums in another order, of the largest element.</summary>
    private const double Tolerance = 2e-6;

    private const int Samples = 2;

    /// <summary>Which of two activations are bfloat16.</summary>
    private static readonly (bool First, bool Second)[] Forms = [(true, true), (true, false), (false, true)];

    /// <summary>Kind, rows, k, n, misalignment.</summary>
    public static TheoryData<string, int, int, int, int> Shapes => new()
    {
        { "simulation", 5, 7, 11, 1 }, // small tile
        { "simulation", 20, 6, 36, 0 }, // middle tile
        { "ptx", 17, 19, 11, 1 },
        { "ptx", 35, 20, 40, 0 },
        { "pocl", 97, 70, 129, 3 },
        { "pocl", 64, 64, 64, 0 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Rows_are_right(string kind, int rows, int k, int n, int shift)
    {
        int xStride = k + 3, yStride = n + 1;
        foreach (var (first, second) in Forms)
        {
            using var memory = new ElementMemory(kind, 1 << 17);
            ElementMemory.Tensor x = memory.Values(rows * xStride, first, shift), w = memory.Values(n * k, false), y = memory.Values(rows * yStride, second, shift);
            foreach (var accumulate in new[] { false, true })
            {
                MatMul.Rows(memory.Worker(), x.At, xStride, w.At, y.At, yStride, rows, k, n, accumulate);
                memory.AssertRight(Tolerance, (y, Expected((j, l) => w.Values[(j * k) + l])));
                MatMul.RowsBackward(memory.Worker(), x.At, xStride, w.At, y.At, yStride, rows, k, n, accumulate);
                memory.AssertRight(Tolerance, (y, Expected((j, l) => w.Values[(l * n) + j])));

                double[] Expected(Func<int, int, double> weight) =>
                    Sums(y, accumulate, rows, n, k, (i, j) => (i * yStride) + j, (i, j, l) => x.Values[(i * xStride) + l] * weight(j, l));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Columns_are_right(string kind, int m, int k, int columns, int shift)
    {
        int stride = columns + shift, xSample = (k + 1) * stride, ySample = (m + 2) * stride;
        foreach (var (first, second) in Forms)
        {
            using var memory = new ElementMemory(kind, 1 << 17);
            ElementMemory.Tensor w = memory.Values(m * k, false), x = memory.Values(Samples * xSample, first, shift), y = memory.Values(Samples * ySample, second);
            foreach (var transposed in new[] { false, true })
            {
                MatMul.Columns(memory.Worker(), w.At, transposed ? m : k, x.At, stride, xSample, y.At, stride, ySample, Samples, m, k, columns, transposed, accumulate: transposed);
                memory.AssertRight(Tolerance, (y, Sums(
                    y,
                    transposed,
                    Samples * m,
                    columns,
                    k,
                    (i, j) => (i / m * ySample) + (i % m * stride) + j,
                    (i, j, l) => w.Values[transposed ? (l * m) + (i % m) : (i % m * k) + l] * (double)x.Values[(i / m * xSample) + (l * stride) + j])));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Weight_gradients_are_right(string kind, int rows, int m, int n, int shift)
    {
        int dyStride = m + shift, xStride = n + 2, dySample = (m + 1) * (rows + shift), xSample = n * (rows + shift);
        foreach (var (first, second) in Forms)
        {
            using var memory = new ElementMemory(kind, 1 << 17);
            ElementMemory.Tensor dy = memory.Values(Math.Max(rows * dyStride, Samples * dySample), first, shift), x = memory.Values(Math.Max(rows * xStride, Samples * xSample), second), dw = memory.Values(m * n, false);
            MatMul.WeightGradient(memory.Worker(), 0, dy.At, dyStride, x.At, xStride, rows, dw.At, m, n);
            memory.AssertRight(Tolerance, (dw, Sums(dw, true, m, n, rows, (i, j) => (i * n) + j, (i, j, l) => dy.Values[(l * dyStride) + i] * (double)x.Values[(l * xStride) + j])));

            // Along the token axis the same numbers are rows of m and of n tokens.
            MatMul.TokenWeightGradient(memory.Worker(), 0, dy.At, rows + shift, dySample, x.At, rows + shift, xSample, Samples, rows, dw.At, m, n);
            memory.AssertRight(Tolerance, (dw, Sums(
                dw,
                true,
                m,
                n,
                Samples * rows,
                (i, j) => (i * n) + j,
                (i, j, l) => dy.Values[(l / rows * dySample) + (i * (rows + shift)) + (l % rows)] * (double)x.Values[(l / rows * xSample) + (j * (rows + shift)) + (l % rows)])));
        }
    }

    /// <summary>Parts of a sum stay float32 until they are added up.</summary>
    [Fact]
    public void A_split_weight_gradient_is_right()
    {
        const int Rows = 1111, M = 11, N = 30;
        Assert.InRange(MatMul.GradientSplits(Rows, M, N), 2, Rows);
        using var memory = new ElementMemory("ptx", 1 << 17);
        ElementMemory.Tensor dy = memory.Values(Rows * M, true), x = memory.Values(Rows * N, true), dw = memory.Values(M * N, false);
        MatMul.WeightGradient(memory.Worker(), 0, dy.At, M, x.At, N, Rows, dw.At, M, N);
        memory.AssertRight(Tolerance, (dw, Sums(dw, true, M, N, Rows, (i, j) => (i * N) + j, (i, j, l) => dy.Values[(l * M) + i] * (double)x.Values[(l * N) + j])));
    }

    [Theory]
    [InlineData("simulation", 2, 3, 12, 2)]
    [InlineData("ptx", 2, 3, 12, 2)]
    [InlineData("pocl", 3, 97, 64, 4)]
    public void Rotations_are_right(string kind, int b, int t, int c, int heads)
    {
        int rows = b * t, stride = (3 * c) + 1, half = c / heads / 2;
        foreach (var (first, second) in Forms)
        {
            using var memory = new ElementMemory(kind, 1 << 18);
            ElementMemory.Tensor x = memory.Values(rows * stride, first, 1), y = memory.Values(rows * stride, second);
            Rope.Forward(memory.Worker(rows), 0, rows, x.At, stride, y.At, stride, t, c, heads);
            memory.AssertRight(Tolerance, (y, Expected(1)));
            Rope.Backward(memory.Worker(rows), 0, rows, y.At, stride, x.At, stride, t, c, heads);
            memory.AssertRight(Tolerance, (y, Expected(-1)));

            double[] Expected(int sign)
            {
                var expected = y.Expected();
                for (var i = 0; i < rows * 3 * c; i++)
                {
                    int column = i % (3 * c), row = i / (3 * c) * stride, inHead = column % (2 * half), pair = inHead % half;
                    var angle = sign * (i / (3 * c) % t) * Math.Pow(10000, -(double)pair / half);
                    double low = x.Values[row + column - inHead + pair], high = x.Values[row + column - inHead + pair + half];
                    expected[row + column] = column >= 2 * c ? x.Values[row + column]
                        : inHead < half ? (low * Math.Cos(angle)) - (high * Math.Sin(angle))
                        : (high * Math.Cos(angle)) + (low * Math.Sin(angle));
                }

                return expected;
            }
        }
    }

    [Fact]
    public void Bytes_are_those_of_each_operand()
    {
        long inBfloat16 = Bfloat16Place.Of(0);
        var product = new GpuProduct(new GpuFactor(inBfloat16, 16, Deep: true), new GpuFactor(0, 16, Deep: true), inBfloat16, 8, M: 3, N: 8, K: 16);
        Assert.Equal((2 * 3 * 16) + (4 * 8 * 16) + (2 * 3 * 8), product.Bytes());
        Assert.Equal((4 * 3 * 16) + (4 * 8 * 16) + (2 * 2 * 3 * 8), (product with { A = product.B, Accumulate = true }).Bytes());

        // C is not written, Y is half as wide.
        Assert.Equal((2 * 3 * 16) + (4 * 8 * 16) + (4 * 3 * 4), product.Bytes(new GpuPairs(0, 4, 4, KeepsSums: false)));
    }

    /// <summary>What C should be: elements that a product has, and all others as they were.</summary>
    private static double[] Sums(ElementMemory.Tensor c, bool accumulate, int m, int n, int count, Func<int, int, int> at, Func<int, int, int, double> product)
    {
        var expected = c.Expected();
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < n; j++)
            {
                expected[at(i, j)] = (accumulate ? expected[at(i, j)] : 0) + Enumerable.Range(0, count).Sum(l => product(i, j, l));
            }
        }

        return expected;
    }
}
