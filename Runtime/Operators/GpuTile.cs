using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>
/// What one work item holds of a 64 x 64 product of a group of 256: rows 4 <see cref="Row"/> .., columns 4 <see cref="Column"/> ..
/// Operands pass through two panels of shared memory, 16 deep and depth-major, so that an item reads its four rows and four columns
/// as one vector each (reference/ilgpu.md 7b). Everything is inlined into the kernel and lives in registers.
/// </summary>
internal readonly struct GpuTile(Float4 r0, Float4 r1, Float4 r2, Float4 r3)
{
    /// <summary>Rows and columns of a group's tile.</summary>
    public const int Side = 64;

    public const int GroupSize = 256;

    /// <summary>Depth of a panel.</summary>
    public const int Depth = 16;

    /// <summary>Vectors a row of a panel: one more than its 64 columns, which spreads a transposing store over the banks.</summary>
    public const int Pitch = 17;

    /// <summary>Vectors of a panel; a panel also serves reductions, which take one vector an item.</summary>
    public const int Panel = Depth * Pitch;

    /// <summary>Vectors of a whole tile in shared memory, depth-major.</summary>
    public const int Whole = Side * Pitch;

    public readonly Float4 R0 = r0, R1 = r1, R2 = r2, R3 = r3;

    /// <summary>This item's first row is four times this.</summary>
    public static int Row => Group.IdxX >> 4;

    /// <summary>This item's first column is four times this.</summary>
    public static int Column => Group.IdxX & 15;

    public Float4 RowSums => new(R0.Sum, R1.Sum, R2.Sum, R3.Sum);

    public Float4 ColumnSums => R0 + R1 + (R2 + R3);

    public Float4 RowMaxima => new(Float4.Max(R0), Float4.Max(R1), Float4.Max(R2), Float4.Max(R3));

    public static GpuTile operator +(GpuTile a, GpuTile b) => new(a.R0 + b.R0, a.R1 + b.R1, a.R2 + b.R2, a.R3 + b.R3);

    public static GpuTile operator *(GpuTile a, GpuTile b) => new(a.R0 * b.R0, a.R1 * b.R1, a.R2 * b.R2, a.R3 * b.R3);

    public static GpuTile operator *(float a, GpuTile b) => new(a * b.R0, a * b.R1, a * b.R2, a * b.R3);

    /// <summary>Rows times a factor each.</summary>
    public static GpuTile operator *(Float4 rows, GpuTile b) => new(rows.X * b.R0, rows.Y * b.R1, rows.Z * b.R2, rows.W * b.R3);

    /// <summary>
    /// sum + A B with A [rows, depth] and B [depth, columns] in global memory; one of an operand's two strides is 1. Zero beyond
    /// <paramref name="rows"/>, <paramref name="columns"/> and <paramref name="depth"/>.
    /// </summary>
    /// <param name="scale">Offset of a factor for each step of the depth, or -1.</param>
    public static GpuTile Multiply(
        ArrayView<float> floats, ArrayView<Float4> left, ArrayView<Float4> right, GpuTile sum,
        long a, long aRow, long aDepth, int rows, long b, long bColumn, long bDepth, int columns, int depth, long scale) =>
        Multiply<Float32Storage>(floats, left, right, sum, a, aRow, aDepth, rows, b, bColumn, bDepth, columns, depth, scale);

    /// <summary>The same of operands in any storage.</summary>
    public static GpuTile Multiply<S>(
        ArrayView<float> floats, ArrayView<Float4> left, ArrayView<Float4> right, GpuTile sum,
        long a, long aRow, long aDepth, int rows, long b, long bColumn, long bDepth, int columns, int depth, long scale)
        where S : struct, IGpuStorage
    {
        for (int first = 0; first < depth; first += Depth)
        {
            Group.Barrier();
            Load<S>(floats, left, a + first * aDepth, aRow, aDepth, rows, depth - first, -1);
            Load<S>(floats, right, b + first * bDepth, bColumn, bDepth, columns, depth - first, scale < 0 ? -1 : scale + first);
            Group.Barrier();
            sum = Accumulate(left, 0, right, sum);
        }

        return sum;
    }

    /// <summary>sum + A B with A in shared memory as <see cref="StoreColumns"/> left it and B in global memory.</summary>
    public static GpuTile MultiplyShared<S>(
        ArrayView<float> floats, ArrayView<Float4> whole, ArrayView<Float4> right, GpuTile sum, long b, long bColumn, long bDepth, int columns, int depth)
        where S : struct, IGpuStorage
    {
        for (int first = 0; first < depth; first += Depth)
        {
            Group.Barrier();
            Load<S>(floats, right, b + first * bDepth, bColumn, bDepth, columns, depth - first, -1);
            Group.Barrier();
            sum = Accumulate(whole, first * Pitch, right, sum);
        }

        return sum;
    }

    /// <summary>The tile to shared memory, transposed: it becomes the left operand of a product over its columns.</summary>
    public static void StoreColumns(ArrayView<Float4> whole, GpuTile tile)
    {
        int at = 4 * Column * Pitch + Row;
        whole[at] = new Float4(tile.R0.X, tile.R1.X, tile.R2.X, tile.R3.X);
        whole[at + Pitch] = new Float4(tile.R0.Y, tile.R1.Y, tile.R2.Y, tile.R3.Y);
        whole[at + 2 * Pitch] = new Float4(tile.R0.Z, tile.R1.Z, tile.R2.Z, tile.R3.Z);
        whole[at + 3 * Pitch] = new Float4(tile.R0.W, tile.R1.W, tile.R2.W, tile.R3.W);
    }

    /// <summary>A panel from global memory, at most 16 deep. Neighbouring items read neighbouring floats, whichever stride is 1.</summary>
    public static void Load<S>(ArrayView<float> floats, ArrayView<Float4> panel, long at, long rowStride, long depthStride, int rows, int depth, long scale)
        where S : struct, IGpuStorage
    {
        ArrayView<float> target = panel.Cast<float>();
        bool deep = depthStride == 1;
        int k = deep ? Group.IdxX & 15 : Group.IdxX >> 6, i = deep ? Group.IdxX >> 4 : Group.IdxX & 63;
        int kStep = deep ? 0 : 4, iStep = deep ? 16 : 0;
        for (int step = 0; step < 4; step++)
        {
            float value = 0;
            if (i < rows && k < depth)
            {
                value = S.Load(floats, at + i * rowStride + k * depthStride);
                if (scale >= 0)
                {
                    value *= floats[scale + k];
                }
            }

            target[k * (4 * Pitch) + i] = value;
            k += kStep;
            i += iStep;
        }
    }

    /// <summary>The item's part of a matrix with unit column stride, zero beyond rows and columns.</summary>
    public static GpuTile Load(ArrayView<float> floats, long at, long rowStride, int rows, int columns) => Load<Float32Storage>(floats, at, rowStride, rows, columns);

    /// <summary>The same in any storage.</summary>
    public static GpuTile Load<S>(ArrayView<float> floats, long at, long rowStride, int rows, int columns)
        where S : struct, IGpuStorage => new(
        LoadRow<S>(floats, at, rowStride, 0, rows, columns),
        LoadRow<S>(floats, at, rowStride, 1, rows, columns),
        LoadRow<S>(floats, at, rowStride, 2, rows, columns),
        LoadRow<S>(floats, at, rowStride, 3, rows, columns));

    /// <summary>Writes the item's part, as far as there are rows and columns.</summary>
    public static void Store(ArrayView<float> floats, long at, long rowStride, int rows, int columns, GpuTile tile) =>
        Store<Float32Storage>(floats, at, rowStride, rows, columns, tile);

    /// <summary>The same in any storage.</summary>
    public static void Store<S>(ArrayView<float> floats, long at, long rowStride, int rows, int columns, GpuTile tile)
        where S : struct, IGpuStorage
    {
        StoreRow<S>(floats, at, rowStride, 0, rows, columns, tile.R0);
        StoreRow<S>(floats, at, rowStride, 1, rows, columns, tile.R1);
        StoreRow<S>(floats, at, rowStride, 2, rows, columns, tile.R2);
        StoreRow<S>(floats, at, rowStride, 3, rows, columns, tile.R3);
    }

    /// <summary>Four values of a vector in global memory from <c>4 index</c> on; beyond its end the last one again, never something undefined.</summary>
    public static Float4 Vector(ArrayView<float> floats, long at, int index, int count)
    {
        int first = 4 * index, last = count - 1;
        return new Float4(
            floats[at + (first < last ? first : last)],
            floats[at + (first + 1 < last ? first + 1 : last)],
            floats[at + (first + 2 < last ? first + 2 : last)],
            floats[at + (first + 3 < last ? first + 3 : last)]);
    }

    /// <summary>Zeroes what lies above the diagonal in a tile whose corner is at (row, column) of the matrix.</summary>
    public static GpuTile Lower(GpuTile tile, int row, int column)
    {
        int room = row + 4 * Row - column - 4 * Column;
        return new GpuTile(LowerRow(tile.R0, room), LowerRow(tile.R1, room + 1), LowerRow(tile.R2, room + 2), LowerRow(tile.R3, room + 3));
    }

    /// <summary>Puts <paramref name="fill"/> into the columns from <paramref name="count"/> on.</summary>
    public static GpuTile Columns(GpuTile tile, int count, float fill)
    {
        int room = count - 4 * Column;
        return new GpuTile(Columns(tile.R0, room, fill), Columns(tile.R1, room, fill), Columns(tile.R2, room, fill), Columns(tile.R3, room, fill));
    }

    /// <summary>The same for four columns.</summary>
    public static Float4 Columns(Float4 value, int count, float fill) =>
        new(count > 0 ? value.X : fill, count > 1 ? value.Y : fill, count > 2 ? value.Z : fill, count > 3 ? value.W : fill);

    /// <summary>e to each element less its row's shift.</summary>
    public static GpuTile ExpLessRows(GpuTile tile, Float4 shift) => new(
        Float4.Exp(tile.R0 - Float4.Of(shift.X)), Float4.Exp(tile.R1 - Float4.Of(shift.Y)),
        Float4.Exp(tile.R2 - Float4.Of(shift.Z)), Float4.Exp(tile.R3 - Float4.Of(shift.W)));

    /// <summary>Each element less its row's value.</summary>
    public static GpuTile LessRows(GpuTile tile, Float4 value) =>
        new(tile.R0 - Float4.Of(value.X), tile.R1 - Float4.Of(value.Y), tile.R2 - Float4.Of(value.Z), tile.R3 - Float4.Of(value.W));

    /// <summary>e to each element less its column's shift.</summary>
    public static GpuTile ExpLessColumns(GpuTile tile, Float4 shift) =>
        new(Float4.Exp(tile.R0 - shift), Float4.Exp(tile.R1 - shift), Float4.Exp(tile.R2 - shift), Float4.Exp(tile.R3 - shift));

    /// <summary>Each element less its column's value.</summary>
    public static GpuTile LessColumns(GpuTile tile, Float4 value) => new(tile.R0 - value, tile.R1 - value, tile.R2 - value, tile.R3 - value);

    /// <summary>Where item (row, column) leaves its four row values for <see cref="Sum"/>.</summary>
    public static int RowSlot => Row * 16 + Column;

    /// <summary>Where item (row, column) leaves its four column values for <see cref="Sum"/>.</summary>
    public static int ColumnSlot => Column * 16 + Row;

    /// <summary>The sum of line <paramref name="line"/> (0 .. 63) over the sixteen items that left a part of it, in order.</summary>
    public static float Sum(ArrayView<Float4> parts, int line)
    {
        ArrayView<float> values = parts.Cast<float>();
        int at = (line >> 2) * 64 + (line & 3);
        float sum = 0;
        for (int item = 0; item < 16; item++)
        {
            sum += values[at + 4 * item];
        }

        return sum;
    }

    /// <summary>sum + the product of two panels; the left one may start inside a whole tile.</summary>
    public static GpuTile Accumulate(ArrayView<Float4> left, int start, ArrayView<Float4> right, GpuTile sum)
    {
        Float4 r0 = sum.R0, r1 = sum.R1, r2 = sum.R2, r3 = sum.R3;
        int row = start + Row, column = Column;
        for (int k = 0; k < Panel; k += Pitch)
        {
            Float4 a = left[row + k], b = right[column + k];
            r0 += a.X * b;
            r1 += a.Y * b;
            r2 += a.Z * b;
            r3 += a.W * b;
        }

        return new GpuTile(r0, r1, r2, r3);
    }

    private static Float4 LoadRow<S>(ArrayView<float> floats, long at, long rowStride, int r, int rows, int columns)
        where S : struct, IGpuStorage
    {
        int row = 4 * Row + r, column = 4 * Column;
        long from = at + row * rowStride + column;
        bool inside = row < rows;
        return new Float4(
            inside && column < columns ? S.Load(floats, from) : 0,
            inside && column + 1 < columns ? S.Load(floats, from + 1) : 0,
            inside && column + 2 < columns ? S.Load(floats, from + 2) : 0,
            inside && column + 3 < columns ? S.Load(floats, from + 3) : 0);
    }

    private static void StoreRow<S>(ArrayView<float> floats, long at, long rowStride, int r, int rows, int columns, Float4 value)
        where S : struct, IGpuStorage
    {
        int row = 4 * Row + r, column = 4 * Column;
        if (row >= rows)
        {
            return;
        }

        long to = at + row * rowStride + column;
        if (column < columns)
        {
            S.Store(floats, to, value.X);
        }

        if (column + 1 < columns)
        {
            S.Store(floats, to + 1, value.Y);
        }

        if (column + 2 < columns)
        {
            S.Store(floats, to + 2, value.Z);
        }

        if (column + 3 < columns)
        {
            S.Store(floats, to + 3, value.W);
        }
    }

    /// <summary>Keeps column j while j ≤ room.</summary>
    private static Float4 LowerRow(Float4 value, int room) =>
        new(room >= 0 ? value.X : 0, room >= 1 ? value.Y : 0, room >= 2 ? value.Z : 0, room >= 3 ? value.W : 0);
}
