using Graph.Execution;

namespace Graph.Operators;

internal readonly partial record struct GpuProduct
{
    /// <summary>
    /// Queues the product, whose C is dy, with the backward of y = op(a, b) as its epilogue; B's columns are side by side. Its tile is the product's own: sums run in the
    /// same order as without. False: it runs on tensor cores, which do not have this epilogue.
    /// </summary>
    public bool Launch<TOp>(GpuQueue queue, in GpuJoinBackward join)
        where TOp : struct, IPointwise2
    {
        if (Tile == 0 && TensorCoreProduct.Takes(queue, this))
        {
            return TensorCoreProduct.Launch<TOp>(queue, this, join);
        }

        var tile = Tile == 0 ? ChosenTile : Tile;
        var kernel = HasBfloat16 || join.HasBfloat16 ? AnyWide<JoinedBackward<TOp, MixedStorage>>(tile) : Wide<JoinedBackward<TOp, Float32Storage>>(tile);
        Launch(queue, kernel, tile, join.Into(Arguments(tile)), Bytes(join));
        return true;
    }

    /// <summary>Bytes with this epilogue: C is not moved.</summary>
    public double Bytes(in GpuJoinBackward join) => Bytes() + ((join.Bytes - Bfloat16Place.Bytes(C)) * Batches * (double)M * N);

    private GpuKernel AnyWide<TEpilogue>(int tile)
        where TEpilogue : struct, IGpuEpilogue => A.Deep
            ? Kernel<DeepScalar<MixedStorage>, WideScalar<MixedStorage>, TEpilogue>(tile)
            : Kernel<WideScalar<MixedStorage>, WideScalar<MixedStorage>, TEpilogue>(tile);

    private GpuKernel Wide<TEpilogue>(int tile)
        where TEpilogue : struct, IGpuEpilogue => (A.Deep, A.IsVector(M, K)) switch
        {
            (true, true) => Wide<DeepVector, TEpilogue>(tile),
            (true, false) => Wide<DeepScalar<Float32Storage>, TEpilogue>(tile),
            (false, true) => Wide<WideVector, TEpilogue>(tile),
            (false, false) => Wide<WideScalar<Float32Storage>, TEpilogue>(tile),
        };

    private GpuKernel Wide<TA, TEpilogue>(int tile)
        where TA : struct, IGpuOperand
        where TEpilogue : struct, IGpuEpilogue =>
        B.IsVector(N, K) ? Kernel<TA, WideVector, TEpilogue>(tile) : Kernel<TA, WideScalar<Float32Storage>, TEpilogue>(tile);
}
