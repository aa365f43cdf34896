using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// A product that a region has asked for and whose sums the row work queued next reads: that work takes it
/// (<see cref="GpuQueue.Take"/>) and either queues it with itself as the epilogue, or as it is.
/// </summary>
/// <param name="Product">The product; it has not been queued.</param>
/// <param name="KeepsSums">Somebody else reads C later.</param>
internal readonly record struct WaitingProduct(GpuProduct Product, bool KeepsSums)
{
    /// <summary>Queues it with Y[i] = op(C[i], C[i + width]) as its epilogue; false if its C is something else, or no kernel can do it.</summary>
    public bool Join<TOp>(GpuQueue queue, int width, int rows, long a, long b, long y)
        where TOp : struct, IPointwise2
    {
        var isRead = Product.C == a && a + width == b && Product.N == 2 * width && Product.M == rows;
        return isRead && !Overlaps(y, width) && Product.Launch<JoinedPairs<TOp, Float32Storage>, JoinedPairs<TOp, MixedStorage>>(queue, new GpuPairs(y, width, width, KeepsSums));
    }

    /// <summary>Queues it with the backward of y = op(a, b) as its epilogue; false if its C is not all of dy, or no kernel can do it.</summary>
    /// <param name="queue">Of the device.</param>
    /// <param name="dy">What that backward reads.</param>
    /// <param name="width">Columns of dy.</param>
    /// <param name="join">The backward.</param>
    public bool JoinBackward<TOp>(GpuQueue queue, in GpuHalves dy, int width, in GpuJoinBackward join)
        where TOp : struct, IPointwise2
    {
        var isRead = Product.C == dy.Place && Product.StrideC == dy.Stride && Product.BatchC == dy.Batch && Product.N == width && !KeepsSums;
        return isRead && !Overlaps(join.Y) && !Overlaps(join.Gradient) && Product.Launch<TOp>(queue, join);
    }

    /// <summary>Queues it with a rotation as its epilogue; false if the rotation reads something else, or no kernel can do it.</summary>
    /// <param name="queue">Of the device.</param>
    /// <param name="x">What the rotation reads.</param>
    /// <param name="pairs">The rotation.</param>
    public bool Rotate(GpuQueue queue, long x, in GpuPairs pairs) =>
        Product.C == x && !Overlaps(pairs.Y, pairs.StrideY) && Product.Launch<RotatedPairs<Float32Storage>, RotatedPairs<MixedStorage>>(queue, pairs with { KeepsSums = KeepsSums });

    /// <summary>
    /// Queues it with a norm of its rows plus those of a residual as the epilogue; false if the norm reads something else, or no kernel can do it. Y may take the place of the residual:
    /// the lane that writes an element of Y is the one that has read the residual's, and the statistic has waited for all of the row.
    /// </summary>
    /// <param name="queue">Of the device.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="norm">The norm; its residual is the sum's other operand.</param>
    /// <param name="c">The operand that should be the product.</param>
    public bool Normalize(GpuQueue queue, int width, int rows, in GpuNorm norm, long c)
    {
        var isRead = Product.C == c && norm.Residual != c && Product.N == width && Product.M == rows && !KeepsSums;
        var isFree = !Overlaps(norm.Y, width) && !OverlapsStatistic(norm, width) && (norm.Y == norm.Residual || !Overlap(Bytes(norm.Y, width), Bytes(norm.Residual, width)));
        return isRead && isFree && TensorCoreProduct.Launch(queue, Product, norm);
    }

    /// <summary>The statistic may have the place of something that is dead after the norm, but other tiles still read.</summary>
    private bool OverlapsStatistic(in GpuNorm norm, int width) =>
        norm.Statistic >= 0 && (Overlaps(norm.Statistic, 1) || Overlap(Bytes(norm.Statistic, 1), Bytes(norm.Residual, width)));

    /// <summary>The plan may give Y the place of x, which is dead after the product: an epilogue would overwrite what other tiles still read.</summary>
    private bool Overlaps(long y, int stride) => Overlap(Bytes(Product.A.Place, Product.A.Stride), Bytes(y, stride));

    private static bool Overlap((long Start, long End) x, (long Start, long End) y) => y.Start < x.End && x.Start < y.End;

    /// <summary>The same of a factor, which along the token axis is B.</summary>
    private bool Overlaps(in GpuHalves result)
    {
        var bytes = result.Bytes(Product.M, Product.N, Product.Batches);
        return Overlap(bytes, Product.A.Bytes(Product.M, Product.K, Product.Batches)) || Overlap(bytes, Product.B.Bytes(Product.N, Product.K, Product.Batches));
    }

    /// <summary>Where rows lie. x and Y need not be of one form, so only bytes can be compared.</summary>
    private (long Start, long End) Bytes(long place, int stride)
    {
        var element = Bfloat16Place.Bytes(place);
        var start = Bfloat16Place.Start(place) * element;
        return (start, start + ((long)Product.M * stride * element));
    }
}
