using System.Runtime.CompilerServices;

namespace Graph.Execution;

/// <summary>The fixed partition of rows into blocks: it depends on nothing but the number of rows, so sums over blocks have the same bits for any number of threads.</summary>
public static class RowBlock
{
    /// <summary>Rows of a block: four tiles of the 12-row micro-kernel. The generator plans partial sums with the same number.</summary>
    public const int Rows = 48;

    public static long Count(long rows) => (rows + Rows - 1) / Rows;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (long Row, int Rows) Of(long unit, long rows)
    {
        var row = unit * Rows;
        return (row, (int)Math.Min(Rows, rows - row));
    }
}

/// <summary>The partition of a sample's columns for work along the token axis.</summary>
public static class ColumnBlock
{
    public const int Columns = 64;

    public static long Count(int width) => (width + Columns - 1) / Columns;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (long Sample, int Column, int Columns) Of(long unit, int width)
    {
        var (sample, block) = Math.DivRem(unit, Count(width));
        var column = (int)block * Columns;
        return (sample, column, Math.Min(Columns, width - column));
    }
}

/// <summary>Carves the scratch of one region's block behind the part that matrix products and tile kernels use.</summary>
public ref struct LocalScratch
{
    /// <summary>Floats at the start of a worker's scratch that operators may use inside a region.</summary>
    public const long OperatorFloats = 1 << 19;

    private readonly Worker worker;
    private long at;

    public LocalScratch(in Worker worker)
    {
        this.worker = worker;
        at = OperatorFloats;
    }

    public Ref Take(long floats)
    {
        var taken = worker.Scratch(at, floats);
        at += (floats + 15) & ~15L;
        return taken;
    }
}

/// <summary>Chooses the lane of a row kernel: the widest that the worker allows and that divides the row, so that no tail code exists.</summary>
public static class LaneWidth
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int For(in Worker worker, int width) =>
        worker.Lanes >= 16 && width % 16 == 0 ? 16
        : worker.Lanes >= 8 && width % 8 == 0 ? 8
        : worker.Lanes >= 4 && width % 4 == 0 ? 4
        : 1;
}
