using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// A product on tensor cores where the queue allows them, both factors are bfloat16 (activations that a device stores so, and weights, of which there is
/// a copy), and sizes and places are multiples of what 16-byte copies need. Everything is decided by sizes and forms alone, as for the portable kernels.
/// </summary>
internal static class TensorCoreProduct
{
    /// <summary>With fewer rows, columns or summed indices a tile would be mostly empty.</summary>
    private const int Least = 32;

    /// <summary>The same of tokens: of 16 a quarter of the tile is used, but tensor cores are many times as fast.</summary>
    private const int LeastTokens = 16;

    /// <summary>Groups of the large tile with which it fills a device: one for each of 132 multiprocessors, as its registers allow.</summary>
    private const int Fill = GpuProduct.Fill / 2;

    /// <summary>Wide tiles with which they fill it: one for every other multiprocessor, because nothing else is launched and C stays on the chip.</summary>
    private const int FillRows = Fill / 2;

    private const int ChunkElements = 8;

    /// <summary>Queues the product, or says that another kernel must: false.</summary>
    public static bool Launch(GpuQueue queue, in GpuProduct product)
    {
        if (queue.Bfloat16Weights is not { } weights)
        {
            return false;
        }

        var rounded = Rounded(weights, product);
        if (!Fits(rounded))
        {
            return LaunchRagged(queue, weights, product with { B = rounded.B });
        }

        var isLarge = IsLarge(rounded);
        GpuKernel kernel = (rounded.A.Deep, rounded.B.Deep) switch
        {
            (true, true) => isLarge ? TensorCoreKernels.Forward : TensorCoreKernels.ForwardSmall,
            (true, false) => isLarge ? TensorCoreKernels.Backward : TensorCoreKernels.BackwardSmall,
            _ => isLarge ? TensorCoreKernels.Gradient : TensorCoreKernels.GradientSmall,
        };
        weights.Refresh(queue);
        Launch(queue, rounded, isLarge, kernel, Arguments(rounded, isLarge), rounded.Bytes());
        return true;
    }

    /// <summary>
    /// What is left with a float32 factor A, at any place: a weight along the token axis whose rows have any length, or an activation's gradient that stayed
    /// float32; and the gradient of such a weight, over samples.
    /// </summary>
    private static bool LaunchRagged(GpuQueue queue, Bfloat16Copy weights, in GpuProduct product)
    {
        var kernel = RaggedKernel(product);
        if (kernel is not null)
        {
            weights.Refresh(queue);
            Launch(queue, product, isLarge: false, kernel, Arguments(product, isLarge: false), product.Bytes());
        }

        return kernel is not null;
    }

    private static GpuKernel? RaggedKernel(in GpuProduct product) => (product.A.Deep, product.B.Deep) switch
    {
        _ when SmallestSide(product) < LeastTokens => null,
        (true, true) when IsCopied(product.A, product.K) && IsCopied(product.B, product.K) && !Bfloat16Place.Is(product.C) => TensorCoreKernels.ColumnsGradient,
        (var deep, false) when !Bfloat16Place.Is(product.A.Place) && IsCopied(product.B, product.N) && product.Samples == 1 && StoresPairs(product) =>
            deep ? TensorCoreKernels.Columns : TensorCoreKernels.ColumnsBackward,
        _ => null,
    };

    /// <summary>Without an epilogue the product runs on tensor cores, so that with one no other kernel may.</summary>
    public static bool Takes(GpuQueue queue, in GpuProduct product) =>
        queue.Bfloat16Weights is { } weights && Rounded(weights, product) is var rounded && (Fits(rounded) || RaggedKernel(product with { B = rounded.B }) is not null);

    /// <summary>Queues a product of which <see cref="Takes"/> is true with the backward of y = op(a, b) as its epilogue, if there is a kernel for it.</summary>
    public static bool Launch<TOp>(GpuQueue queue, in GpuProduct product, in GpuJoinBackward join)
        where TOp : struct, IPointwise2
    {
        var weights = queue.Bfloat16Weights!;
        var rounded = Rounded(weights, product);
        if (typeof(TOp) != typeof(SwiGate) || !Fits(rounded) || !StoresPairs(join.X) || !StoresPairs(join.Y) || !StoresPairs(join.Gradient))
        {
            return false;
        }

        var isLarge = IsLarge(rounded);
        GpuKernel kernel = rounded.A.Deep
            ? (isLarge ? TensorCoreKernels.GatedBackward : TensorCoreKernels.GatedBackwardSmall)
            : (isLarge ? TensorCoreKernels.GatedColumnsBackward : TensorCoreKernels.GatedColumnsBackwardSmall);
        var arguments = new GpuJoinBackward(Elements(join.X), Elements(join.Y), Elements(join.Gradient)).Into(Arguments(rounded, isLarge));
        weights.Refresh(queue);
        Launch(queue, rounded, isLarge, kernel, arguments, rounded.Bytes(join));
        return true;

        static GpuHalves Elements(GpuHalves halves) => halves with { Place = Bfloat16Place.Start(halves.Place) };
    }

    /// <summary>Bfloat16 of which any two neighbours are one access.</summary>
    private static bool StoresPairs(in GpuHalves halves) =>
        Bfloat16Place.Is(halves.Place) && ((halves.Place | (uint)halves.Stride | (uint)halves.Apart | (uint)halves.Batch) & 1) == 0;

    /// <summary>x Wᵀ without an epilogue runs on tensor cores, so that with one no other kernel may.</summary>
    public static bool IsForward(GpuQueue queue, in GpuProduct product) =>
        queue.Bfloat16Weights is { } weights && product.A.Deep && product.B.Deep && Fits(Rounded(weights, product));

    /// <summary>Queues a product of which <see cref="IsForward"/> is true with an epilogue, if there is a kernel for it.</summary>
    /// <typeparam name="TEpilogue">As the portable kernels of float32 have it.</typeparam>
    public static bool Launch<TEpilogue>(GpuQueue queue, in GpuProduct product, in GpuPairs pairs)
        where TEpilogue : struct, IGpuEpilogue
    {
        var weights = queue.Bfloat16Weights!;
        var rounded = Rounded(weights, product);
        var isLarge = IsLarge(rounded);
        if (PairKernel<TEpilogue>(isLarge) is not { } kernel || pairs.Half % ChunkElements != 0 || ((pairs.Y | (uint)pairs.StrideY) & 1) != 0)
        {
            return false;
        }

        var arguments = (pairs with { Y = Bfloat16Place.Start(pairs.Y) }).Into(Arguments(rounded, isLarge));
        arguments.J1 = Flag(pairs.Y);
        weights.Refresh(queue);
        Launch(queue, rounded, isLarge, kernel, arguments, rounded.Bytes(pairs));
        return true;
    }

    /// <summary>
    /// Queues x Wᵀ with a norm as its epilogue, if one tile has whole rows. A wide tile owns as many rows as a small one, so that few rows leave a large device
    /// idle that separate kernels would fill: from <see cref="FillRows"/> tiles on it runs. A narrow one stands for two small tiles and is always worth a launch.
    /// </summary>
    public static bool Launch(GpuQueue queue, in GpuProduct product, in GpuNorm norm)
    {
        var isNarrow = product.N <= TensorCoreKernels.NarrowTile;
        var fits = isNarrow || (product.N <= TensorCoreKernels.WideTile && Count(product.M, TensorCoreKernels.SmallTile) >= FillRows);
        if (!fits || ((norm.Residual | norm.Y) & 1) != 0 || !IsForward(queue, product))
        {
            return false;
        }

        var weights = queue.Bfloat16Weights!;
        var rounded = Rounded(weights, product);
        GpuKernel kernel = isNarrow ? TensorCoreKernels.NormalizedNarrow : TensorCoreKernels.Normalized;
        var arguments = isNarrow
            ? Arguments(rounded, TensorCoreKernels.SmallTile, TensorCoreKernels.NarrowTile, TensorCoreKernels.Depth)
            : Arguments(rounded, TensorCoreKernels.SmallTile, TensorCoreKernels.WideTile, TensorCoreKernels.WideDepth);
        weights.Refresh(queue);
        Launch(queue, rounded, isLarge: !isNarrow, kernel, norm.Into(arguments, product.N), rounded.Bytes(norm));
        return true;
    }

    private static GpuKernel? PairKernel<TEpilogue>(bool isLarge)
        where TEpilogue : struct, IGpuEpilogue =>
        typeof(TEpilogue) == typeof(JoinedPairs<SwiGate, Float32Storage>) ? (isLarge ? TensorCoreKernels.Gated : TensorCoreKernels.GatedSmall)
        : typeof(TEpilogue) == typeof(RotatedPairs<Float32Storage>) ? (isLarge ? TensorCoreKernels.Rotated : TensorCoreKernels.RotatedSmall)
        : null;

    /// <summary>A kernel with both factors in bfloat16 can do it: there is one for each layout that occurs.</summary>
    private static bool Fits(in GpuProduct product) =>
        SmallestSide(product) >= Least
        && product.Samples == 1
        && (product.A.Deep || !product.B.Deep)
        && IsCopied(product.A, product.A.Deep ? product.K : product.M)
        && IsCopied(product.B, product.B.Deep ? product.K : product.N)
        && StoresPairs(product);

    private static int SmallestSide(in GpuProduct product) => Math.Min(product.K, Math.Min(product.M, product.N));

    private static bool IsLarge(in GpuProduct product) =>
        product.Batches * product.Splits * Count(product.M, TensorCoreKernels.LargeTile) * Count(product.N, TensorCoreKernels.LargeTile) >= Fill;

    private static void Launch(GpuQueue queue, in GpuProduct product, bool isLarge, GpuKernel kernel, in GpuArguments arguments, double bytes)
    {
        queue.Work(kernel, product.Flops, bytes);
        queue.Launch(kernel, product.Batches * product.Splits * arguments.I7 * arguments.I8, isLarge ? TensorCoreKernels.LargeThreads : TensorCoreKernels.SmallThreads, arguments);
    }

    private static GpuArguments Arguments(in GpuProduct product, bool isLarge)
    {
        var tile = isLarge ? TensorCoreKernels.LargeTile : TensorCoreKernels.SmallTile;
        return Arguments(product, tile, tile, TensorCoreKernels.Depth);
    }

    private static GpuArguments Arguments(in GpuProduct product, int tileM, int tileN, int depth)
    {
        int stepsOfSample = Count(product.K, depth), steps = checked((int)(stepsOfSample * product.Samples)), part = Count(steps, product.Splits);
        var c = Bfloat16Place.Start(product.C);
        return new GpuArguments
        {
            R0 = Bfloat16Place.Start(product.A.Place),
            R1 = Bfloat16Place.Start(product.B.Place),
            R2 = c,
            R3 = product.A.Batch,
            R4 = product.B.Batch,
            R5 = product.BatchC,
            R6 = product.A.Sample,
            R7 = product.B.Sample,
            R8 = steps,
            R9 = product.Splits == 1 ? 0 : part,
            R10 = part,
            R11 = c,
            R12 = product.BatchC,
            I0 = product.M,
            I1 = product.N,
            I2 = product.K,
            I3 = product.A.Stride,
            I4 = product.B.Stride,
            I5 = product.StrideC,
            I6 = product.Accumulate ? 1 : 0,
            I7 = Count(product.N, tileN),
            I8 = Count(product.M, tileM),
            I9 = product.StrideC,
            I10 = stepsOfSample,
            J0 = Flag(product.C),
        };
    }

    /// <summary>The same product of weights' copies.</summary>
    private static GpuProduct Rounded(Bfloat16Copy weights, in GpuProduct product) =>
        product with { A = Rounded(weights, product.A), B = Rounded(weights, product.B) };

    private static GpuFactor Rounded(Bfloat16Copy weights, GpuFactor factor) =>
        weights.Find(factor.Place) is >= 0 and var element ? factor with { Place = Bfloat16Place.Of(0) + element } : factor;

    /// <summary>Bfloat16 in whole chunks of elements side by side, each at a multiple of 16 bytes.</summary>
    private static bool IsCopied(GpuFactor factor, int sideBySide) =>
        Bfloat16Place.Is(factor.Place) && ((factor.Place | (uint)factor.Stride | factor.Batch | factor.Sample) & (ChunkElements - 1)) == 0 && sideBySide % ChunkElements == 0;

    private static bool StoresPairs(in GpuProduct product) => ((product.C | (uint)product.StrideC | product.BatchC | (uint)product.N) & 1) == 0;

    private static int Flag(long place) => Bfloat16Place.Is(place) ? 1 : 0;

    private static int Count(int extent, int size) => (extent + size - 1) / size;
}
