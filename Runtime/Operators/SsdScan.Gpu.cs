using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// The scan on a device (mamba2.md 3.6): kernels of 64 x 64 tiles that pass α, G, chunk states and sums of rows through scratch.
/// Nothing needs atomics: the kernels that make dG, dB and dC loop over the heads of a group inside a work-group. Large batches go
/// through the same scratch slice by slice.
/// </summary>
public readonly partial struct SsdScan
{
    /// <summary>Floats of scratch above which the batch is sliced: 256 MB.</summary>
    private const long GpuRoom = 1L << 26;

    private const int Side = GpuTile.Side;

    /// <param name="room">Floats of scratch; at least one sample is done at a time.</param>
    internal static void Forward(GpuQueue gpu, long batch, in SsdShape shape, Ref xbc, Ref dt, Ref aLog, Ref d, Ref y, long room)
    {
        if (MixedStorage.Has(xbc, y))
        {
            Forward<MixedStorage>(gpu, batch, shape, xbc, dt, aLog, d, y, room);
        }
        else
        {
            Forward<Float32Storage>(gpu, batch, shape, xbc, dt, aLog, d, y, room);
        }
    }

    /// <param name="room">Floats of scratch; at least one sample is done at a time.</param>
    internal static void Backward(GpuQueue gpu, long batch, in SsdShape shape, Ref xbc, Ref dt, Ref aLog, Ref d, Ref dy, Ref dxbc, Ref ddt, Ref partial, long room)
    {
        if (MixedStorage.Has(xbc, dy, dxbc))
        {
            Backward<MixedStorage>(gpu, batch, shape, xbc, dt, aLog, d, dy, dxbc, ddt, partial, room);
        }
        else
        {
            Backward<Float32Storage>(gpu, batch, shape, xbc, dt, aLog, d, dy, dxbc, ddt, partial, room);
        }
    }

    private static void Forward<S>(GpuQueue gpu, long batch, in SsdShape shape, Ref xbc, Ref dt, Ref aLog, Ref d, Ref y, long room)
        where S : struct, IGpuStorage
    {
        if (OnTensorCores(gpu, shape, xbc, y))
        {
            ForwardBy<TensorCoreScanProducts<S>>(gpu, batch, shape, xbc, dt, aLog, d, y, room);
        }
        else
        {
            ForwardBy<PortableScanProducts<S>>(gpu, batch, shape, xbc, dt, aLog, d, y, room);
        }
    }

    private static void Backward<S>(GpuQueue gpu, long batch, in SsdShape shape, Ref xbc, Ref dt, Ref aLog, Ref d, Ref dy, Ref dxbc, Ref ddt, Ref partial, long room)
        where S : struct, IGpuStorage
    {
        if (OnTensorCores(gpu, shape, xbc, dy))
        {
            BackwardBy<TensorCoreScanProducts<S>>(gpu, batch, shape, xbc, dt, aLog, d, dy, dxbc, ddt, partial, room);
        }
        else
        {
            BackwardBy<PortableScanProducts<S>>(gpu, batch, shape, xbc, dt, aLog, d, dy, dxbc, ddt, partial, room);
        }
    }

    /// <summary>The queue allows it, and every four elements side by side are one access.</summary>
    private static bool OnTensorCores(GpuQueue gpu, in SsdShape shape, Ref xbc, Ref y) =>
        gpu.TensorCores && (((uint)(shape.P | shape.State) | GpuQueue.At(xbc) | GpuQueue.At(y)) & 3) == 0;

    private static void ForwardBy<M>(GpuQueue gpu, long batch, in SsdShape shape, Ref xbc, Ref dt, Ref aLog, Ref d, Ref y, long room)
        where M : struct, IGpuScanProducts
    {
        GpuArguments a = Arguments(shape);
        long vectors = Whole((long)SsdGpu.Backward * shape.Heads * shape.T), gram = (long)shape.Groups * shape.T * a.I15;
        long states = shape.Chunks > 1 ? (long)shape.Heads * shape.Chunks * shape.State * shape.P : 0;
        long few = Math.Clamp(room / (vectors + gram + states), 1, batch);
        a.R2 = GpuQueue.At(aLog);
        a.R3 = GpuQueue.At(d);
        a.R8 = GpuQueue.At(gpu.Scratch(few * (vectors + gram + states)));
        a.R9 = a.R8 + few * vectors;
        a.R11 = a.R9 + few * gram;
        for (long first = 0; first < batch; first += few)
        {
            Slice(ref a, shape, first, Math.Min(few, batch - first), xbc, dt, y);
            SsdWork work = Work(shape, a.I10, xbc, y);
            Prepare<M>(gpu, a, shape, work);
            gpu.Work(SsdGpu.Output<M>, work.Inside + work.Between, work.Vectors + work.Grams);
            gpu.Launch(SsdGpu.Output<M>, (long)a.I10 * shape.Heads * shape.Chunks * a.I11 * a.I13, GpuTile.GroupSize, a);
        }
    }

    private static void BackwardBy<M>(GpuQueue gpu, long batch, in SsdShape shape, Ref xbc, Ref dt, Ref aLog, Ref d, Ref dy, Ref dxbc, Ref ddt, Ref partial, long room)
        where M : struct, IGpuScanProducts
    {
        GpuArguments a = Arguments(shape);
        long vectors = Whole((SsdGpu.Backward + 1L + 2 * (a.I11 + a.I12 + a.I13)) * shape.Heads * shape.T), gram = (long)shape.Groups * shape.T * a.I15;
        long chunks = shape.Chunks > 1 ? (long)shape.Heads * shape.Chunks : 0;
        long states = chunks * shape.State * shape.P, totals = chunks * a.I12 * a.I13;
        long each = vectors + 2 * gram + 2 * states + totals;
        long few = Math.Clamp(room / each, 1, batch);
        a.R2 = GpuQueue.At(aLog);
        a.R3 = GpuQueue.At(d);
        a.R8 = GpuQueue.At(gpu.Scratch(few * each));
        a.R9 = a.R8 + few * vectors;
        a.R10 = a.R9 + few * gram;
        a.R11 = a.R10 + few * gram;
        a.R12 = a.R11 + few * states;
        a.R13 = a.R12 + few * states;
        for (long first = 0; first < batch; first += few)
        {
            Slice(ref a, shape, first, Math.Min(few, batch - first), xbc, dt, dy);
            a.R5 = GpuQueue.At(dxbc) + first * shape.T * shape.Width;
            a.R6 = GpuQueue.At(ddt) + first * shape.T * shape.Heads;
            a.R7 = GpuQueue.At(partial) + first * 2 * shape.Heads;
            SsdWork work = Work(shape, a.I10, xbc, dy);
            Prepare<M>(gpu, a, shape, work);
            long heads = (long)a.I10 * shape.Heads, groups = (long)a.I10 * shape.Groups;
            gpu.Work(SsdGpuBackward.GramGradient<M>, work.Inside, work.Vectors + work.Grams);
            gpu.Work(SsdGpuBackward.InputGradient<M>, work.Inside + work.Between, work.Vectors + work.Grams);
            gpu.Work(SsdGpuBackward.StateVectorGradient<M>, 2 * (work.Products + work.Between), 2 * work.Vectors);
            if (shape.Chunks > 1)
            {
                gpu.Work(SsdGpuBackward.StateGradients<M>, work.Between, work.Vectors);
                gpu.Launch(SsdGpuBackward.StateGradients<M>, heads * a.I12 * a.I13, GpuTile.GroupSize, a);
            }

            gpu.Launch(SsdGpuBackward.GramGradient<M>, groups * shape.Chunks * a.I11 * a.I11, GpuTile.GroupSize, a);
            gpu.Launch(SsdGpuBackward.InputGradient<M>, heads * shape.Chunks * a.I11 * a.I13, GpuTile.GroupSize, a);
            a.I14 = 0;
            gpu.Launch(SsdGpuBackward.StateVectorGradient<M>, groups * shape.Chunks * a.I11 * a.I12, GpuTile.GroupSize, a);
            a.I14 = 1;
            gpu.Launch(SsdGpuBackward.StateVectorGradient<M>, groups * shape.Chunks * a.I11 * a.I12, GpuTile.GroupSize, a);
            gpu.Launch(SsdGpuBackward.Assemble, (heads + SsdGpu.FlatGroup - 1) / SsdGpu.FlatGroup, SsdGpu.FlatGroup, a);
        }
    }

    private static void BackwardParameters(GpuQueue gpu, Ref partial, Ref dALog, Ref dD, long batch, int heads) =>
        gpu.Launch(SsdGpuBackward.Parameters, (heads + SsdGpu.FlatGroup - 1) / SsdGpu.FlatGroup, SsdGpu.FlatGroup, new GpuArguments
        {
            R0 = GpuQueue.At(partial), R1 = GpuQueue.At(dALog), R2 = GpuQueue.At(dD), R3 = batch,
            I0 = heads,
        });

    /// <summary>What both passes need of a slice first: decays, G, states at the start of chunks.</summary>
    private static void Prepare<M>(GpuQueue gpu, in GpuArguments a, in SsdShape shape, in SsdWork work)
        where M : struct, IGpuScanProducts
    {
        long runs = (long)a.I10 * shape.Heads * shape.Chunks;
        gpu.Launch(SsdGpu.Decay, (runs + SsdGpu.FlatGroup - 1) / SsdGpu.FlatGroup, SsdGpu.FlatGroup, a);
        gpu.Work(SsdGpu.Gram<M>, work.Products, work.Grams);
        gpu.Launch(SsdGpu.Gram<M>, (long)a.I10 * shape.Groups * shape.Chunks * a.I11 * a.I11, GpuTile.GroupSize, a);
        if (shape.Chunks > 1)
        {
            gpu.Work(SsdGpu.States<M>, work.Between, work.Vectors);
            gpu.Launch(SsdGpu.States<M>, (long)a.I10 * shape.Heads * a.I12 * a.I13, GpuTile.GroupSize, a);
        }
    }

    private static SsdWork Work(in SsdShape shape, long samples, Ref xbc, Ref y)
    {
        double tokens = (double)samples * shape.T, chunk = shape.Q;
        return new(
            Products: tokens * chunk * shape.State * shape.Groups,
            Inside: tokens * chunk * shape.P * shape.Heads,
            Between: shape.Chunks > 1 ? 2 * tokens * shape.State * shape.P * shape.Heads : 0,
            Vectors: tokens * (((double)Bfloat16Place.Bytes(xbc) * shape.Width) + ((double)Bfloat16Place.Bytes(y) * shape.E)),
            Grams: sizeof(float) * tokens * chunk * shape.Groups);
    }

    /// <summary>Work of one product of the scan over a slice; the causal half counts.</summary>
    /// <param name="Products">C Bᵀ, in operations.</param>
    /// <param name="Inside">A chunk's scores times its inputs.</param>
    /// <param name="Between">States of chunks times B or C.</param>
    /// <param name="Vectors">Bytes of the inputs and outputs.</param>
    /// <param name="Grams">Bytes of the scores.</param>
    private readonly record struct SsdWork(double Products, double Inside, double Between, double Vectors, double Grams);

    private static GpuArguments Arguments(in SsdShape shape) => new()
    {
        I0 = shape.T, I1 = shape.E, I2 = shape.Heads, I3 = shape.Groups, I4 = shape.State, I5 = shape.P, I6 = shape.Q, I7 = shape.Chunks, I8 = shape.Direction,
        I9 = shape.Width, I11 = Blocks(shape.Q), I12 = Blocks(shape.State), I13 = Blocks(shape.P),
        I15 = (int)Whole(shape.Q),
    };

    private static void Slice(ref GpuArguments a, in SsdShape shape, long first, long samples, Ref xbc, Ref dt, Ref y)
    {
        a.I10 = (int)samples;
        a.R0 = GpuQueue.At(xbc) + first * shape.T * shape.Width;
        a.R1 = GpuQueue.At(dt) + first * shape.T * shape.Heads;
        a.R4 = GpuQueue.At(y) + first * shape.T * shape.E;
    }

    /// <summary>A length after which another thing starts at a multiple of 16 bytes, as vector accesses need.</summary>
    private static long Whole(long floats) => (floats + 3) / 4 * 4;

    private static int Blocks(int n) => (n + Side - 1) / Side;
}
