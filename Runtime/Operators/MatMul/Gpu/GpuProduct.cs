using Graph.Execution;

namespace Graph.Operators;

/// <summary>A factor of a device product.</summary>
/// <param name="Place">Of its first element; activations may be bfloat16 (<see cref="Bfloat16Place"/>).</param>
/// <param name="Stride">Elements between its rows in memory.</param>
/// <param name="Deep">The summed index is side by side in memory; otherwise the row or column of the product is.</param>
/// <param name="Batch">Elements from one batch to the next; 0: all batches share it.</param>
/// <param name="Sample">Elements from one summed sample to the next.</param>
internal readonly record struct GpuFactor(long Place, int Stride, bool Deep, long Batch = 0, long Sample = 0)
{
    /// <summary>Every group of four elements is one 16-byte access: true of all but ragged extents.</summary>
    public bool IsVector(int width, int depth) =>
        ((Place | (uint)Stride | Batch | Sample | (uint)(Deep ? depth : width)) & 3) == 0;

    /// <summary>Where a factor without samples lies, in bytes: what places of different forms are compared by.</summary>
    public (long Start, long End) Bytes(int width, int depth, long batches)
    {
        var element = Bfloat16Place.Bytes(Place);
        var start = Bfloat16Place.Start(Place) * element;
        var (rows, columns) = Deep ? (width, depth) : (depth, width);
        return (start, start + ((((batches - 1) * Batch) + ((rows - 1L) * Stride) + columns) * element));
    }
}

/// <summary>
/// One product on a device: C[m, n] of each batch = or += Σ over samples and k. The tile is chosen from the sizes alone, so that the
/// order of a sum does not depend on the machine. Factors and C are float32 or bfloat16, each for itself; sums are float32.
/// </summary>
internal readonly partial record struct GpuProduct(GpuFactor A, GpuFactor B, long C, int StrideC, int M, int N, int K)
{
    /// <summary>Groups that fill a large device: two for each of 132 multiprocessors.</summary>
    public const int Fill = 264;

    /// <summary>Products, each with its own C.</summary>
    public long Batches { get; init; } = 1;

    /// <summary>Elements from one batch's C to the next one's.</summary>
    public long BatchC { get; init; }

    /// <summary>Samples that are summed into one C.</summary>
    public long Samples { get; init; } = 1;

    /// <summary>Parts into which the sum is cut; each is a batch with its own C, <see cref="BatchC"/> apart.</summary>
    public int Splits { get; init; } = 1;

    public bool Accumulate { get; init; }

    /// <summary>0 chooses from the sizes; tests and measurements force <see cref="GpuTiles.SmallTile"/> and the others.</summary>
    public int Tile { get; init; }

    /// <summary>
    /// Tile for an m x n product: the small one where the middle one would be mostly empty. The large one is not chosen: where it could
    /// be measured, on PoCL, it is slower (GpuMatMulSpeed prints the figures); a GPU may decide otherwise.
    /// </summary>
    private int ChosenTile =>
        Math.Min(M, N) <= GpuTiles.SmallTile || Math.Max(M, N) <= 2 * GpuTiles.SmallTile ? GpuTiles.SmallTile : GpuTiles.MiddleTile;

    /// <summary>Floating-point operations.</summary>
    public double Flops => 2.0 * Batches * M * N * Samples * K;

    /// <summary>Something of it is bfloat16.</summary>
    private bool HasBfloat16 => Bfloat16Place.Is(A.Place) || Bfloat16Place.Is(B.Place) || Bfloat16Place.Is(C);

    /// <summary>Bytes between the chip and its memory if everything is moved once.</summary>
    public double Bytes()
    {
        var sums = (double)Samples * K;
        var a = Bfloat16Place.Bytes(A.Place) * (A.Batch > 0 ? Batches : 1) * (double)M;
        var b = Bfloat16Place.Bytes(B.Place) * (B.Batch > 0 ? Batches : 1) * (double)N;
        return (sums * (a + b)) + (Bfloat16Place.Bytes(C) * Batches * (double)M * N * (Accumulate ? 2 : 1));
    }

    /// <summary>Queues the product: on tensor cores where that is possible, unless a tile is forced.</summary>
    public void Launch(GpuQueue queue)
    {
        if (Tile == 0 && TensorCoreProduct.Launch(queue, this))
        {
            return;
        }

        var tile = Tile == 0 ? ChosenTile : Tile;
        Launch(queue, Kernel(tile), tile, Arguments(tile), Bytes());
    }

    /// <summary>
    /// Queues x Wᵀ, one batch and one part, with an epilogue on pairs of its columns. Its tile is the product's own: sums run in the same
    /// order as without the epilogue. False: it runs on tensor cores, which do not have this epilogue.
    /// </summary>
    /// <typeparam name="TFloat32">The epilogue where everything is float32.</typeparam>
    /// <typeparam name="TAny">The same where something is bfloat16.</typeparam>
    public bool Launch<TFloat32, TAny>(GpuQueue queue, in GpuPairs pairs)
        where TFloat32 : struct, IGpuEpilogue
        where TAny : struct, IGpuEpilogue
    {
        if (Tile == 0 && TensorCoreProduct.IsForward(queue, this))
        {
            return TensorCoreProduct.Launch<TFloat32>(queue, this, pairs);
        }

        var tile = Tile == 0 ? ChosenTile : Tile;
        var kernel = HasBfloat16 || Bfloat16Place.Is(pairs.Y) ? AnyKernel<TAny>(tile) : PairKernel<TFloat32>(tile);
        Launch(queue, kernel, tile, pairs.Into(Arguments(tile)), Bytes(pairs));
        return true;
    }

    /// <summary>Bytes with an epilogue: its result, and C where it is kept.</summary>
    public double Bytes(in GpuPairs pairs) =>
        Bytes() + (M * (((double)Bfloat16Place.Bytes(pairs.Y) * pairs.StrideY) - (pairs.KeepsSums ? 0 : (double)Bfloat16Place.Bytes(C) * N)));

    /// <summary>Bytes with a norm as the epilogue: the residual, the result and the statistic in place of C.</summary>
    public double Bytes(in GpuNorm norm) =>
        Bytes() + (M * ((N * (double)(Bfloat16Place.Bytes(norm.Residual) + Bfloat16Place.Bytes(norm.Y) - Bfloat16Place.Bytes(C))) + Bfloat16Place.Bytes(norm.Statistic)));

    private void Launch(GpuQueue queue, GpuKernel kernel, int tile, in GpuArguments arguments, double bytes)
    {
        queue.Work(kernel, Flops, bytes);
        queue.Launch(kernel, Batches * Splits * Count(M, tile) * Count(N, tile), tile == GpuTiles.SmallTile ? GpuTiles.SmallThreads : GpuTiles.Threads, arguments);
    }

    private GpuArguments Arguments(int tile)
    {
        var depth = tile == GpuTiles.LargeTile ? GpuTiles.LargeDepth : tile == GpuTiles.MiddleTile ? GpuTiles.MiddleDepth : GpuTiles.SmallDepth;
        var stepsOfSample = Count(K, depth);
        var steps = checked((int)(stepsOfSample * Samples));
        var part = (steps + Splits - 1) / Splits;
        return new GpuArguments
        {
            R0 = A.Place,
            R1 = B.Place,
            R2 = C,
            R3 = A.Batch,
            R4 = B.Batch,
            R5 = BatchC,
            R6 = A.Sample,
            R7 = B.Sample,
            R8 = steps,
            R9 = Splits == 1 ? 0 : part,
            R10 = part,
            I0 = M,
            I1 = N,
            I2 = K,
            I3 = A.Stride,
            I4 = B.Stride,
            I5 = StrideC,
            I6 = Accumulate ? 1 : 0,
            I7 = Count(N, tile),
            I8 = Count(M, tile),
            I9 = stepsOfSample,
            I10 = !Bfloat16Place.Is(C) && ((C | (uint)StrideC | BatchC) & 3) == 0 ? 1 : 0,
        };
    }

    /// <summary>Each factor is loaded in its own way: along the token axis a weight [97, 97] is ragged while the activations are not.</summary>
    private GpuKernel Kernel(int tile) => (A.Deep, A.IsVector(M, K)) switch
    {
        _ when HasBfloat16 => AnyKernel(tile),
        (true, true) => Kernel<DeepVector>(tile),
        (true, false) => Kernel<DeepScalar<Float32Storage>>(tile),
        (false, true) => Kernel<WideVector>(tile),
        (false, false) => Kernel<WideScalar<Float32Storage>>(tile),
    };

    private GpuKernel Kernel<TA>(int tile)
        where TA : struct, IGpuOperand => (B.Deep, B.IsVector(N, K)) switch
    {
        (true, true) => Kernel<TA, DeepVector>(tile),
        (true, false) => Kernel<TA, DeepScalar<Float32Storage>>(tile),
        (false, true) => Kernel<TA, WideVector>(tile),
        (false, false) => Kernel<TA, WideScalar<Float32Storage>>(tile),
    };

    private static GpuKernel Kernel<TA, TB>(int tile)
        where TA : struct, IGpuOperand
        where TB : struct, IGpuOperand => tile == GpuTiles.LargeTile ? GpuTiles.Large<TA, TB, StoredSums<Float32Storage>> : Kernel<TA, TB, StoredSums<Float32Storage>>(tile);

    /// <summary>
    /// With something in bfloat16. Tensor cores take what is large and even of that: small and ragged products are left, and those with a factor that stayed
    /// float32, for which loads one by one are good enough. There is none in the large tile.
    /// </summary>
    private GpuKernel AnyKernel(int tile) => (A.Deep, B.Deep) switch
    {
        (true, true) => AnyKernel<StoredSums<MixedStorage>>(tile),
        (true, false) => Kernel<DeepScalar<MixedStorage>, WideScalar<MixedStorage>, StoredSums<MixedStorage>>(tile),
        (false, true) => Kernel<WideScalar<MixedStorage>, DeepScalar<MixedStorage>, StoredSums<MixedStorage>>(tile),
        (false, false) => Kernel<WideScalar<MixedStorage>, WideScalar<MixedStorage>, StoredSums<MixedStorage>>(tile),
    };

    private static GpuKernel AnyKernel<TEpilogue>(int tile)
        where TEpilogue : struct, IGpuEpilogue => Kernel<DeepScalar<MixedStorage>, DeepScalar<MixedStorage>, TEpilogue>(tile);

    /// <summary>Both factors have the summed index side by side; the large tile has no such kernels, because no sizes choose it.</summary>
    private GpuKernel PairKernel<TEpilogue>(int tile)
        where TEpilogue : struct, IGpuEpilogue => (A.IsVector(M, K), B.IsVector(N, K)) switch
    {
        (true, true) => Kernel<DeepVector, DeepVector, TEpilogue>(tile),
        (true, false) => Kernel<DeepVector, DeepScalar<Float32Storage>, TEpilogue>(tile),
        (false, true) => Kernel<DeepScalar<Float32Storage>, DeepVector, TEpilogue>(tile),
        (false, false) => Kernel<DeepScalar<Float32Storage>, DeepScalar<Float32Storage>, TEpilogue>(tile),
    };

    private static GpuKernel Kernel<TA, TB, TEpilogue>(int tile)
        where TA : struct, IGpuOperand
        where TB : struct, IGpuOperand
        where TEpilogue : struct, IGpuEpilogue => tile == GpuTiles.SmallTile ? GpuTiles.Small<TA, TB, TEpilogue> : GpuTiles.Middle<TA, TB, TEpilogue>;

    private static int Count(int extent, int size) => (extent + size - 1) / size;
}
