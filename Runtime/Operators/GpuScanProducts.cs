using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>
/// How the kernels of <see cref="SsdScan"/> multiply, and how they read and write operands. A kernel is one text for all ways: decays, masks, states
/// and sums of rows are float32 in a <see cref="GpuTile"/>, and only what a product does inside and how operands are stored differs.
/// </summary>
internal interface IGpuScanProducts
{
    /// <summary>What a kernel needs for its products: called once, first.</summary>
    /// <param name="left">Shared memory, also for reductions between products: <see cref="GpuTile.Panel"/> vectors at least.</param>
    /// <param name="right">The same.</param>
    static abstract void Open(out ArrayView<Float4> left, out ArrayView<Float4> right);

    /// <summary>The product of <see cref="GpuTile.Multiply"/>, with its meaning.</summary>
    static abstract GpuTile Multiply(
        ArrayView<float> floats, ArrayView<Float4> left, ArrayView<Float4> right, GpuTile sum,
        long a, long aRow, long aDepth, int rows, long b, long bColumn, long bDepth, int columns, int depth, long scale);

    /// <summary>sum + A B where A is G with its decays and the columns of B lie side by side.</summary>
    /// <param name="scale">Offset of a factor for each step of the depth, or -1.</param>
    static abstract GpuTile MultiplyDecayed(
        ArrayView<float> floats, ArrayView<Float4> left, ArrayView<Float4> right, GpuTile sum,
        DecayedGram a, int rows, long b, long bDepth, int columns, int depth, long scale);

    /// <summary>The item's part of an operand, as <see cref="GpuTile.Load(ArrayView{float}, long, long, int, int)"/> reads a matrix of floats.</summary>
    static abstract GpuTile Load(ArrayView<float> floats, long at, long rowStride, int rows, int columns);

    /// <summary>Writes the item's part of a result, as <see cref="GpuTile.Store(ArrayView{float}, long, long, int, int, GpuTile)"/> does of floats.</summary>
    static abstract void Store(ArrayView<float> floats, long at, long rowStride, int rows, int columns, GpuTile tile);
}

/// <summary>
/// G_ij exp(α_i - α_j) for j ≤ i, zero above, with i along the rows (sign 1) or along the depth (-1). Above the diagonal G is not defined and α may
/// rise: elements there are chosen away, never multiplied by zero.
/// </summary>
/// <param name="at">Offset of the element of the first row and step.</param>
/// <param name="rowStride">Floats between rows; it or the next is 1.</param>
/// <param name="depthStride">Floats between steps of the depth.</param>
/// <param name="alphaRow">Offset of α of the first row.</param>
/// <param name="alphaDepth">Offset of α of the first step.</param>
/// <param name="ahead">First row less first step.</param>
/// <param name="sign">1 or -1.</param>
internal readonly struct DecayedGram(long at, long rowStride, long depthStride, long alphaRow, long alphaDepth, int ahead, int sign)
{
    public readonly long At = at, RowStride = rowStride, DepthStride = depthStride, AlphaRow = alphaRow, AlphaDepth = alphaDepth;

    public readonly int Ahead = ahead, Sign = sign;

    /// <summary>The same from another step on.</summary>
    public DecayedGram From(int step) => new(At + step * DepthStride, RowStride, DepthStride, AlphaRow, AlphaDepth + step, Ahead - step, Sign);

    /// <summary>On or below the diagonal.</summary>
    public bool Has(int row, int step) => Sign * (row - step + Ahead) >= 0;
}

/// <summary>In float32 on every device: through panels 16 deep.</summary>
/// <typeparam name="S">Of operands and results.</typeparam>
internal readonly struct PortableScanProducts<S> : IGpuScanProducts
    where S : struct, IGpuStorage
{
    public static void Open(out ArrayView<Float4> left, out ArrayView<Float4> right)
    {
        left = SharedMemory.Allocate<Float4>(GpuTile.Panel);
        right = SharedMemory.Allocate<Float4>(GpuTile.Panel);
    }

    public static GpuTile Multiply(
        ArrayView<float> floats, ArrayView<Float4> left, ArrayView<Float4> right, GpuTile sum,
        long a, long aRow, long aDepth, int rows, long b, long bColumn, long bDepth, int columns, int depth, long scale) =>
        GpuTile.Multiply<S>(floats, left, right, sum, a, aRow, aDepth, rows, b, bColumn, bDepth, columns, depth, scale);

    public static GpuTile MultiplyDecayed(
        ArrayView<float> floats, ArrayView<Float4> left, ArrayView<Float4> right, GpuTile sum,
        DecayedGram a, int rows, long b, long bDepth, int columns, int depth, long scale)
    {
        for (int first = 0; first < depth; first += GpuTile.Depth)
        {
            Group.Barrier();
            Load(floats, left, a.From(first), rows, depth - first);
            GpuTile.Load<S>(floats, right, b + first * bDepth, 1, bDepth, columns, depth - first, scale < 0 ? -1 : scale + first);
            Group.Barrier();
            sum = GpuTile.Accumulate(left, 0, right, sum);
        }

        return sum;
    }

    public static GpuTile Load(ArrayView<float> floats, long at, long rowStride, int rows, int columns) => GpuTile.Load<S>(floats, at, rowStride, rows, columns);

    public static void Store(ArrayView<float> floats, long at, long rowStride, int rows, int columns, GpuTile tile) =>
        GpuTile.Store<S>(floats, at, rowStride, rows, columns, tile);

    /// <summary>A panel; nothing above the diagonal is even read.</summary>
    private static void Load(ArrayView<float> floats, ArrayView<Float4> panel, DecayedGram a, int rows, int depth)
    {
        ArrayView<float> target = panel.Cast<float>();
        bool deep = a.DepthStride == 1;
        int k = deep ? Group.IdxX & 15 : Group.IdxX >> 6, i = deep ? Group.IdxX >> 4 : Group.IdxX & 63;
        int kStep = deep ? 0 : 4, iStep = deep ? 16 : 0;
        for (int step = 0; step < 4; step++)
        {
            float value = 0;
            if (i < rows && k < depth && a.Has(i, k))
            {
                value = floats[a.At + i * a.RowStride + k * a.DepthStride] * Float4.Decay(a.Sign * (floats[a.AlphaRow + i] - floats[a.AlphaDepth + k]));
            }

            target[k * (4 * GpuTile.Pitch) + i] = value;
            k += kStep;
            i += iStep;
        }
    }
}
