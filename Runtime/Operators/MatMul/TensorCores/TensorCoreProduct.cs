using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// A product on tensor cores where the queue allows them, one factor is a weight or both are activations of a weight's gradient, and sizes and
/// places are multiples of what 16-byte copies need. Everything is decided by the sizes alone, as for the portable kernels.
/// </summary>
internal static class TensorCoreProduct
{
    /// <summary>With fewer rows, columns or summed indices a tile would be mostly empty.</summary>
    private const int Least = 32;

    /// <summary>The same of tokens: of 16 a quarter of the tile is used, but tensor cores are many times as fast.</summary>
    private const int LeastTokens = 16;

    /// <summary>Groups of the large tile with which it fills a device: one for each of 132 multiprocessors, as its registers allow.</summary>
    private const int Fill = GpuProduct.Fill / 2;

    private const int ChunkElements = 8;

    /// <summary>Queues the product, or says that another kernel must: false.</summary>
    public static bool Launch(GpuQueue queue, in GpuProduct product)
    {
        if (queue.Bfloat16Weights is not { } weights)
        {
            return false;
        }

        var fits = Fits(queue, product);
        var isLarge = IsLarge(product);
        switch (product.A.Deep, product.B.Deep)
        {
            case (true, true) when IsForward(queue, product):
                weights.Refresh(queue);
                Launch(queue, product, weights.Find(product.B.Place), isLarge, isLarge ? TensorCoreKernels.Forward : TensorCoreKernels.ForwardSmall);
                return true;
            case (true, false) when fits && Loads(product.A, product.K) && IsCopied(weights, product.B, product.N):
                weights.Refresh(queue);
                Launch(queue, product, weights.Find(product.B.Place), isLarge, isLarge ? TensorCoreKernels.Backward : TensorCoreKernels.BackwardSmall);
                return true;
            case (false, false) when fits && Loads(product.A, product.M) && Loads(product.B, product.N):
                Launch(queue, product, product.B.Place, isLarge, isLarge ? TensorCoreKernels.Gradient : TensorCoreKernels.GradientSmall);
                return true;
            default:
                return LaunchAlongTokens(queue, product, weights);
        }
    }

    /// <summary>The token axis' products: a weight of any row length times activations, and such a weight's gradient over samples.</summary>
    private static bool LaunchAlongTokens(GpuQueue queue, in GpuProduct product, Bfloat16Copy weights)
    {
        GpuKernel? kernel = (product.A.Deep, product.B.Deep) switch
        {
            _ when SmallestSide(product) < LeastTokens => null,
            (true, true) when IsActivation(weights, product.A, product.K) && IsActivation(weights, product.B, product.K) => TensorCoreKernels.ColumnsGradient,
            (var deep, false) when IsWeight(weights, product.A) && IsActivation(weights, product.B, product.N) && product.Samples == 1 && StoresPairs(product) =>
                deep ? TensorCoreKernels.Columns : TensorCoreKernels.ColumnsBackward,
            _ => null,
        };
        if (kernel is not null)
        {
            Launch(queue, product, product.B.Place, isLarge: false, kernel);
        }

        return kernel is not null;
    }

    /// <summary>x Wᵀ without an epilogue runs on tensor cores, so that with one no other kernel may.</summary>
    public static bool IsForward(GpuQueue queue, in GpuProduct product) =>
        Fits(queue, product) && product.A.Deep && product.B.Deep && Loads(product.A, product.K) && IsCopied(queue.Bfloat16Weights!, product.B, product.K);

    /// <summary>Queues a product of which <see cref="IsForward"/> is true with an epilogue, if there is a kernel for it.</summary>
    public static bool Launch<TEpilogue>(GpuQueue queue, in GpuProduct product, in GpuPairs pairs)
        where TEpilogue : struct, IGpuEpilogue
    {
        var isLarge = IsLarge(product);
        if (PairKernel<TEpilogue>(isLarge) is not { } kernel || pairs.Half % ChunkElements != 0 || ((pairs.Y | (uint)pairs.StrideY) & 1) != 0)
        {
            return false;
        }

        var weights = queue.Bfloat16Weights!;
        weights.Refresh(queue);
        var right = weights.Find(product.B.Place);
        Launch(queue, product, isLarge, kernel, pairs.Into(Arguments(product, right, isLarge)), product.Bytes(pairs, sizeof(float) / 2));
        return true;
    }

    private static GpuKernel? PairKernel<TEpilogue>(bool isLarge)
        where TEpilogue : struct, IGpuEpilogue =>
        typeof(TEpilogue) == typeof(JoinedPairs<SwiGate>) ? (isLarge ? TensorCoreKernels.Gated : TensorCoreKernels.GatedSmall)
        : typeof(TEpilogue) == typeof(RotatedPairs) ? (isLarge ? TensorCoreKernels.Rotated : TensorCoreKernels.RotatedSmall)
        : null;

    private static bool Fits(GpuQueue queue, in GpuProduct product) =>
        queue.TensorCores && SmallestSide(product) >= Least && product.Samples == 1 && StoresPairs(product);

    private static int SmallestSide(in GpuProduct product) => Math.Min(product.K, Math.Min(product.M, product.N));

    private static bool IsLarge(in GpuProduct product) =>
        product.Batches * product.Splits * Count(product.M, TensorCoreKernels.LargeTile) * Count(product.N, TensorCoreKernels.LargeTile) >= Fill;

    /// <summary>Queues a kernel whose tile and form of B are the caller's business.</summary>
    private static void Launch(GpuQueue queue, in GpuProduct product, long right, bool isLarge, GpuKernel kernel) =>
        Launch(queue, product, isLarge, kernel, Arguments(product, right, isLarge), product.Bytes(right == product.B.Place ? sizeof(float) : sizeof(float) / 2));

    private static void Launch(GpuQueue queue, in GpuProduct product, bool isLarge, GpuKernel kernel, in GpuArguments arguments, double bytes)
    {
        queue.Work(kernel, product.Flops, bytes);
        queue.Launch(kernel, product.Batches * product.Splits * arguments.I7 * arguments.I8, isLarge ? TensorCoreKernels.LargeThreads : TensorCoreKernels.SmallThreads, arguments);
    }

    private static GpuArguments Arguments(in GpuProduct product, long right, bool isLarge)
    {
        var tile = isLarge ? TensorCoreKernels.LargeTile : TensorCoreKernels.SmallTile;
        int stepsOfSample = Count(product.K, TensorCoreKernels.Depth), steps = checked((int)(stepsOfSample * product.Samples)), part = Count(steps, product.Splits);
        return new GpuArguments
        {
            R0 = product.A.Place,
            R1 = right,
            R2 = product.C,
            R3 = product.A.Batch,
            R4 = product.B.Batch,
            R5 = product.BatchC,
            R6 = product.A.Sample,
            R7 = product.B.Sample,
            R8 = steps,
            R9 = product.Splits == 1 ? 0 : part,
            R10 = part,
            R11 = product.C,
            R12 = product.BatchC,
            I0 = product.M,
            I1 = product.N,
            I2 = product.K,
            I3 = product.A.Stride,
            I4 = product.B.Stride,
            I5 = product.StrideC,
            I6 = product.Accumulate ? 1 : 0,
            I7 = Count(product.N, tile),
            I8 = Count(product.M, tile),
            I9 = product.StrideC,
            I10 = stepsOfSample,
        };
    }

    /// <summary>Float32 in pieces of 16 bytes, and whole chunks of elements side by side.</summary>
    private static bool Loads(GpuFactor factor, int sideBySide) =>
        ((factor.Place | (uint)factor.Stride | factor.Batch | factor.Sample) & 3) == 0 && sideBySide % ChunkElements == 0;

    private static bool IsWeight(Bfloat16Copy weights, GpuFactor factor) => weights.Find(factor.Place) >= 0;

    private static bool IsActivation(Bfloat16Copy weights, GpuFactor factor, int sideBySide) => !IsWeight(weights, factor) && Loads(factor, sideBySide);

    /// <summary>There is a bfloat16 copy, which all batches share, and its lines start at multiples of 16 bytes.</summary>
    private static bool IsCopied(Bfloat16Copy weights, GpuFactor factor, int sideBySide) =>
        weights.Find(factor.Place) is >= 0 and var place && factor.Batch == 0 && ((place | (uint)factor.Stride) & (ChunkElements - 1)) == 0 && sideBySide % ChunkElements == 0;

    private static bool StoresPairs(in GpuProduct product) => ((product.C | (uint)product.StrideC | product.BatchC | (uint)product.N) & 1) == 0;

    private static int Count(int extent, int size) => (extent + size - 1) / size;
}
