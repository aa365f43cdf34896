using System.Runtime.InteropServices;
using Graph.Operators;
using ILGPU;

namespace Graph.Execution;

/// <summary>
/// Launches emitted row kernels on a device: a group walks a row, or, where a kernel sums over rows, the rows of one partial sum, so
/// that each sum has one writer.
/// </summary>
public static class GpuRows
{
    private const int SmallestGroup = 32;

    private const int LargestGroup = 128;

    /// <summary>One group a row.</summary>
    /// <param name="worker">Of the device.</param>
    /// <param name="kernel">Emitted, over <see cref="GpuRef"/>; it calls <see cref="First"/> and <see cref="Count"/>.</param>
    /// <param name="mixed">The same over <see cref="GpuMixedRef"/>: taken where a place is one of bfloat16.</param>
    /// <param name="width">Floats of a row.</param>
    /// <param name="rows">All rows, from 0.</param>
    /// <param name="places">What the kernel reads and writes, in the order of its parameters.</param>
    public static void Run(in Worker worker, GpuKernel kernel, GpuKernel mixed, int width, int rows, params ReadOnlySpan<Ref> places) =>
        Queue(worker, kernel, mixed, width, rows, 1, places);

    /// <summary>
    /// <see cref="Run"/> of a kernel that is nothing but y = op(a, b) with a and b the halves of one matrix. If that is the product which waits
    /// (<see cref="MatMul.RowsForNext"/>), its tiles do this work and the kernel is not needed.
    /// </summary>
    public static void RunHalves<TOp>(in Worker worker, GpuKernel kernel, GpuKernel mixed, int width, int rows, Ref a, Ref b, Ref y)
        where TOp : struct, IPointwise2
    {
        var gpu = worker.Gpu!;
        if (gpu.Take() is { } waiting)
        {
            if (waiting.Join<TOp>(gpu, width, rows, GpuQueue.At(a), GpuQueue.At(b), GpuQueue.At(y)))
            {
                return;
            }

            waiting.Product.Launch(gpu);
        }

        Run(worker, kernel, mixed, width, rows, a, b, y);
    }

    /// <summary>
    /// <see cref="Run"/> of a kernel that is nothing but y = op(a, b) and (da, db) = its backward of dy, with a and b the halves of one matrix and da and db those of
    /// another. If dy is the product which waits (<see cref="MatMul.RowsBackwardForNext"/>), its tiles do this work and the kernel is not needed.
    /// </summary>
    public static void RunHalvesBackward<TOp>(in Worker worker, GpuKernel kernel, GpuKernel mixed, int width, int rows, Ref a, Ref b, Ref y, Ref dy, Ref da, Ref db)
        where TOp : struct, IPointwise2
    {
        var gpu = worker.Gpu!;
        if (gpu.Take() is { } waiting)
        {
            var join = new GpuJoinBackward(Halves(a, b), new GpuHalves(GpuQueue.At(y), width, 0, 0), Halves(da, db));
            if (waiting.Product.M == rows && waiting.JoinBackward<TOp>(gpu, new GpuHalves(GpuQueue.At(dy), width, 0, 0), width, join))
            {
                return;
            }

            waiting.Product.Launch(gpu);
        }

        Run(worker, kernel, mixed, width, rows, a, b, y, dy, da, db);

        GpuHalves Halves(Ref first, Ref second) => new(GpuQueue.At(first), 2 * width, (int)(GpuQueue.At(second) - GpuQueue.At(first)), 0);
    }

    /// <summary>
    /// <see cref="Run"/> of a kernel that is nothing but y = norm(op(a, b)), rows of one width without gaps between them, and op's result read by nobody else. If a or b is the product which waits,
    /// its tiles may do this work, where they have whole rows: of a residual (<see cref="Add"/>) and <see cref="RmsNorm"/>, on tensor cores.
    /// </summary>
    /// <param name="worker">Of the device.</param>
    /// <param name="kernel">As for <see cref="Run"/>.</param>
    /// <param name="mixed">As for <see cref="Run"/>.</param>
    /// <param name="norm">The norm with its constants.</param>
    /// <param name="width">Floats of a row.</param>
    /// <param name="rows">All rows, from 0.</param>
    /// <param name="places">a, b, op(a, b) and y; behind them the norm's statistic, if it is stored, which may be null.</param>
    public static void RunNorm<TOp, TNorm>(in Worker worker, GpuKernel kernel, GpuKernel mixed, TNorm norm, int width, int rows, params ReadOnlySpan<Ref> places)
        where TOp : struct, IPointwise2
        where TNorm : struct, IRowOperator
    {
        var gpu = worker.Gpu!;
        if (gpu.Take() is { } waiting)
        {
            if (typeof(TOp) == typeof(Add) && gpu.TensorCores && norm is RmsNorm rms)
            {
                long a = GpuQueue.At(places[0]), b = GpuQueue.At(places[1]), y = GpuQueue.At(places[3]), s = places.Length > 4 ? GpuQueue.At(places[4]) : -1;
                if (waiting.Normalize(gpu, width, rows, new GpuNorm(b, y, s, rms.Eps), a) || waiting.Normalize(gpu, width, rows, new GpuNorm(a, y, s, rms.Eps), b))
                {
                    return;
                }
            }

            waiting.Product.Launch(gpu);
        }

        Run(worker, kernel, mixed, width, rows, places);
    }

    /// <summary>One group for each of the launch's units: its rows go into one partial sum.</summary>
    public static void RunBlocks(in Worker worker, GpuKernel kernel, GpuKernel mixed, int width, int rows, params ReadOnlySpan<Ref> places) =>
        Queue(worker, kernel, mixed, width, rows, (int)((rows + worker.Units - 1) / worker.Units), places);

    /// <summary>In a kernel: the group's first row.</summary>
    public static long First(GpuArguments a) => (long)Grid.IdxX * a.I1;

    /// <summary>In a kernel: the group's rows; below 1 there are none.</summary>
    public static int Count(GpuArguments a)
    {
        var rest = a.I0 - (Grid.IdxX * a.I1);
        return rest < a.I1 ? rest : a.I1;
    }

    /// <summary>In a kernel: the group's partial sum.</summary>
    public static TRef Partial<TRef>(ArrayView<float> floats, long offset, int width)
        where TRef : struct, IGpuRef<TRef> => TRef.At(floats, offset + ((long)Grid.IdxX * width));

    private static void Queue(in Worker worker, GpuKernel kernel, GpuKernel mixed, int width, int rows, int rowsPerGroup, ReadOnlySpan<Ref> places)
    {
        var arguments = new GpuArguments { I0 = rows, I1 = rowsPerGroup };
        var offsets = MemoryMarshal.CreateSpan(ref arguments.R0, 16);
        var (chosen, bytes) = (kernel, 0);
        for (var i = 0; i < places.Length; i++)
        {
            offsets[i] = GpuQueue.At(places[i]);
            chosen = Bfloat16Place.Is(offsets[i]) ? mixed : chosen;
            bytes += Bfloat16Place.Bytes(offsets[i]);
        }

        var groups = rowsPerGroup == 1 ? rows : worker.Units;
        worker.Gpu!.Work(chosen, 0, (double)rows * width * bytes);
        worker.Gpu!.Launch(chosen, groups, Group(width), arguments);
    }

    /// <summary>A power of two, about a quarter of the row: each lane has a few columns to overlap.</summary>
    private static int Group(int width)
    {
        var group = SmallestGroup;
        while (group < LargestGroup && group * 4 < width)
        {
            group *= 2;
        }

        return group;
    }
}

/// <summary>Launches emitted column kernels on a device: a group has a block of a sample's columns, a lane one of them.</summary>
public static class GpuColumns
{
    /// <param name="worker">Of the device.</param>
    /// <param name="kernel">Emitted, over <see cref="GpuRef"/>; it calls <see cref="Place"/> and <see cref="Count"/>.</param>
    /// <param name="mixed">The same over <see cref="GpuMixedRef"/>: taken where a place is one of bfloat16.</param>
    /// <param name="columns">Columns of a sample.</param>
    /// <param name="samples">All samples, from 0.</param>
    /// <param name="places">What the kernel reads and writes, with the distances between rows and between samples.</param>
    public static void Run(in Worker worker, GpuKernel kernel, GpuKernel mixed, int columns, long samples, params ReadOnlySpan<(Ref At, int Stride, int Sample)> places)
    {
        var arguments = new GpuArguments { I15 = columns };
        var offsets = MemoryMarshal.CreateSpan(ref arguments.R0, 15);
        var strides = MemoryMarshal.CreateSpan(ref arguments.I0, 15);
        var distances = MemoryMarshal.CreateSpan(ref arguments.J0, 15);
        var (chosen, bytes) = (kernel, 0L);
        for (var i = 0; i < places.Length; i++)
        {
            (offsets[i], strides[i], distances[i]) = (GpuQueue.At(places[i].At), places[i].Stride, places[i].Sample);
            chosen = Bfloat16Place.Is(offsets[i]) ? mixed : chosen;
            bytes += (long)Bfloat16Place.Bytes(offsets[i]) * places[i].Sample;
        }

        worker.Gpu!.Work(chosen, 0, (double)samples * bytes);
        worker.Gpu!.Launch(chosen, samples * ColumnBlock.Count(columns), ColumnBlock.Width, arguments);
    }

    /// <summary>
    /// <see cref="Run"/> of a kernel that is nothing but y = op(a, b) and (da, db) = its backward of dy, with a and b the halves of one matrix's rows and da and db those of
    /// another's. If dy is the product which waits (<see cref="MatMul.ColumnsBackwardForNext"/>), its tiles do this work and the kernel is not needed.
    /// </summary>
    public static void RunHalvesBackward<TOp>(
        in Worker worker,
        GpuKernel kernel,
        GpuKernel mixed,
        int columns,
        long samples,
        (Ref At, int Stride, int Sample) a,
        (Ref At, int Stride, int Sample) b,
        (Ref At, int Stride, int Sample) y,
        (Ref At, int Stride, int Sample) dy,
        (Ref At, int Stride, int Sample) da,
        (Ref At, int Stride, int Sample) db)
        where TOp : struct, IPointwise2
    {
        var gpu = worker.Gpu!;
        if (gpu.Take() is { } waiting)
        {
            var join = new GpuJoinBackward(Halves(a, b), Halves(y, y), Halves(da, db));
            if (waiting.Product.Batches == samples && waiting.JoinBackward<TOp>(gpu, Halves(dy, dy), columns, join))
            {
                return;
            }

            waiting.Product.Launch(gpu);
        }

        Run(worker, kernel, mixed, columns, samples, a, b, y, dy, da, db);

        static GpuHalves Halves((Ref At, int Stride, int Sample) first, (Ref At, int Stride, int Sample) second) =>
            new(GpuQueue.At(first.At), first.Stride, (int)(GpuQueue.At(second.At) - GpuQueue.At(first.At)), first.Sample);
    }

    /// <summary>In a kernel: the group's columns.</summary>
    public static int Count(GpuArguments a)
    {
        var rest = a.I15 - (Block(a) * ColumnBlock.Width);
        return rest < ColumnBlock.Width ? rest : ColumnBlock.Width;
    }

    /// <summary>In a kernel: a value at the group's sample and first column.</summary>
    public static TRef Place<TRef>(ArrayView<float> floats, GpuArguments a, long offset, int sample)
        where TRef : struct, IGpuRef<TRef> => TRef.At(floats, offset < 0 ? offset : offset + ((long)(Grid.IdxX / Blocks(a)) * sample) + (Block(a) * ColumnBlock.Width));

    private static int Blocks(GpuArguments a) => (a.I15 + ColumnBlock.Width - 1) / ColumnBlock.Width;

    private static int Block(GpuArguments a) => Grid.IdxX % Blocks(a);
}
