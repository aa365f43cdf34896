using System.Runtime.CompilerServices;

namespace Graph.Execution;

/// <summary>The fixed partition of rows into blocks: it depends on nothing but the number of rows, so sums over blocks have the same bits for any number of threads.</summary>
public static class RowBlock
{
    /// <summary>Rows of a block: four tiles of the 12-row micro-kernel. The generator plans partial sums with the same number.</summary>
    public const int Rows = 48;

    public static long Count(long rows) => (rows + Rows - 1) / Rows;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (long Row, int Rows) Of(in Worker worker, long unit, long rows)
    {
        var row = unit * Rows;
        return worker.Gpu is null ? (row, (int)Math.Min(Rows, rows - row)) : (0, checked((int)rows));
    }
}

/// <summary>The partition of a sample's columns for work along the token axis; on a device one block is all columns of all samples.</summary>
/// <param name="Sample">First sample.</param>
/// <param name="Samples">Samples: 1 on the CPU.</param>
/// <param name="Column">First column.</param>
/// <param name="Columns">Columns of this block.</param>
/// <param name="Local">Distance between the rows of values that live in scratch.</param>
public readonly record struct ColumnBlock(long Sample, int Samples, int Column, int Columns, int Local)
{
    public const int Width = 64;

    public static long Count(int width) => (width + Width - 1) / Width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ColumnBlock Of(in Worker worker, long unit, int width)
    {
        if (worker.Gpu is not null)
        {
            return new(0, (int)(worker.Units / Count(width)), 0, width, width);
        }

        var (sample, block) = Math.DivRem(unit, Count(width));
        var column = (int)block * Width;
        return new(sample, 1, column, Math.Min(Width, width - column), Width);
    }
}

/// <summary>
/// Carves the scratch of one region's block behind the part that matrix products and tile kernels use; on a device, the scratch
/// of the launch for all rows.
/// </summary>
public ref struct LocalScratch
{
    /// <summary>Floats at the start of a worker's scratch that operators may use inside a region.</summary>
    public const long OperatorFloats = 1 << 19;

    private readonly Worker worker;
    private readonly long count;
    private long at;

    /// <param name="worker">Whose scratch.</param>
    /// <param name="count">Rows, samples or columns of the block.</param>
    public LocalScratch(in Worker worker, long count)
    {
        this.worker = worker;
        this.count = count;
        at = worker.Gpu is null ? OperatorFloats : 0;
    }

    /// <param name="floats">For one row, sample or column.</param>
    public Ref Take(long floats)
    {
        var taken = worker.Scratch(at, floats * count);
        at += Length(floats, count);
        return taken;
    }

    /// <summary><see cref="Take"/> of what a device may store as bfloat16.</summary>
    public Ref TakeRounded(long elements)
    {
        if (worker.Gpu is not { StoresBfloat16: true })
        {
            return Take(elements);
        }

        var length = RoundedLength(elements, count);
        var taken = worker.Scratch(at, length);
        at += length;
        return Bfloat16Place.Of(taken);
    }

    /// <summary>What <see cref="Take"/> uses up: rounded to a cache line.</summary>
    public static long Length(long floats, long count) => ((floats * count) + 15) & ~15L;

    /// <summary>The floats of so many elements of bfloat16.</summary>
    public static long RoundedLength(long elements, long count) => Length(1, ((elements * count) + 1) / 2);
}

/// <summary>Chooses the lane of a row kernel: the widest that the worker allows and that divides the row, so that no tail code exists; 0 on a device.</summary>
public static class LaneWidth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int For(in Worker worker, int width) =>
        worker.Gpu is not null ? 0
        : worker.Lanes >= 16 && width % 16 == 0 ? 16
        : worker.Lanes >= 8 && width % 8 == 0 ? 8
        : worker.Lanes >= 4 && width % 4 == 0 ? 4
        : 1;
}

/// <summary>The parts of one launch, each with its own units, one after the other; on a device the launch runs once and does all parts.</summary>
public ref struct LaunchParts(in Worker worker, long unit)
{
    private readonly bool all = worker.Gpu is not null;
    private readonly long unit = unit;
    private long first;

    /// <summary>The unit within the part.</summary>
    public long Unit { get; private set; }

    /// <summary>Whether the unit belongs to the next part.</summary>
    public bool Next(long count)
    {
        Unit = all ? 0 : unit - first;
        first += count;
        return all || (ulong)Unit < (ulong)count;
    }
}
