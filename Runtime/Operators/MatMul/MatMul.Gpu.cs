using Graph.Execution;

namespace Graph.Operators;

// The device halves of the products. Weights are not packed there: a kernel reads them as they lie.
public static unsafe partial class MatMul
{
    /// <summary>Steps of the sum that a part of a split weight gradient has at least: below that the second stage costs more than it saves.</summary>
    private const int SmallestPart = 16;

    /// <summary>y[rows, n] = x · Wᵀ with W[n, k], or its backward x · W with W[k, n].</summary>
    private static GpuProduct GpuRows(Ref x, int xStride, Ref weight, Ref y, int yStride, int rows, int k, int n, bool backward) =>
        new(
            new GpuFactor(GpuQueue.At(x), xStride, Deep: true),
            new GpuFactor(GpuQueue.At(weight), backward ? n : k, Deep: !backward),
            GpuQueue.At(y),
            yStride,
            rows,
            n,
            k);

    private static GpuProduct GpuColumns(Ref weight, int ldw, Ref x, int xStride, long xSample, Ref y, int yStride, long ySample, long samples, int m, int k, int columns, bool transposed) =>
        new(
            new GpuFactor(GpuQueue.At(weight), ldw, Deep: !transposed),
            new GpuFactor(GpuQueue.At(x), xStride, Deep: false, Batch: xSample),
            GpuQueue.At(y),
            yStride,
            m,
            columns,
            k) { Batches = samples, BatchC = ySample };

    /// <summary>dW[m, n] += Σ dy · x. Where one tile for each part of dW would leave the device idle, parts of the sum go to scratch first.</summary>
    private static void GpuWeightGradient(in Worker worker, GpuFactor dy, GpuFactor x, long samples, long rows, Ref dw, int m, int n)
    {
        var product = new GpuProduct(dy, x, GpuQueue.At(dw), n, m, n, checked((int)rows)) { Samples = samples, Accumulate = true };
        var splits = GradientSplits(samples * rows, m, n);
        var each = (long)m * n;
        if (splits == 1)
        {
            product.Launch(worker.Gpu!);
            return;
        }

        var parts = worker.Gpu!.Scratch(splits * each);
        (product with { C = GpuQueue.At(parts), BatchC = each, Splits = splits, Accumulate = false }).Launch(worker.Gpu);
        PartialSums.AddTo(worker, dw, parts, splits, checked((int)each));
    }

    /// <summary>Parts of a weight gradient's sum: what fills the device, from the sizes alone.</summary>
    internal static int GradientSplits(long rows, int m, int n)
    {
        var tile = Math.Min(m, n) <= GpuTiles.SmallTile ? GpuTiles.SmallTile : GpuTiles.MiddleTile;
        var tiles = Blocks(m, tile) * Blocks(n, tile);
        var most = rows / (SmallestPart * GpuTiles.MiddleDepth);
        return (int)Math.Clamp(GpuProduct.Fill / tiles, 1, Math.Max(most, 1));
    }
}
