using Graph.Execution;
using Graph.Lanes;
using ILGPU;

namespace Graph.Operators;

/// <summary>
/// Row work on pairs of a product's columns, done by the tile that has summed them: column i of each group of 2 · half columns goes with
/// column i + half. C is written too where somebody reads it later.
/// </summary>
/// <param name="Y">Place of the result.</param>
/// <param name="StrideY">Elements between its rows.</param>
/// <param name="Half">Columns between the two of a pair.</param>
/// <param name="KeepsSums">C is written.</param>
internal readonly record struct GpuPairs(long Y, int StrideY, int Half, bool KeepsSums)
{
    /// <summary>Of a rotation: offset of rows of <see cref="Half"/> cosines and as many sines.</summary>
    public long Table { get; init; }

    /// <summary>Rows of the table; row r of C takes row r mod this.</summary>
    public int Period { get; init; }

    /// <summary>Columns that are rotated; the others are copied.</summary>
    public int Rotated { get; init; }

    /// <summary>1, or -1 for the way back.</summary>
    public float Sign { get; init; }

    /// <summary>
    /// Arguments of an epilogue, behind those of the product: R13 place of Y, R14 the table; I11 half; I12 stride of Y; I13 not 0: C is
    /// written; I14 period; I15 rotated columns; F0 sign.
    /// </summary>
    public GpuArguments Into(GpuArguments a)
    {
        (a.R13, a.R14) = (Y, Table);
        (a.I11, a.I12, a.I13, a.I14, a.I15) = (Half, StrideY, KeepsSums ? 1 : 0, Period, Rotated);
        a.F0 = Sign;
        return a;
    }

    /// <summary>In a kernel: both columns of a pair are neighbours in the tile, so that one thread has them.</summary>
    public static int Column(in GpuArguments a, int column)
    {
        var rest = InGroup(a, column);
        return column - rest + (rest >> 1) + ((rest & 1) * a.I11);
    }

    /// <summary>In a kernel: a tile's column without the groups before its own. By a product: the rest of a division stops Oclgrind.</summary>
    public static int InGroup(in GpuArguments a, int column) => column - (column / (2 * a.I11) * 2 * a.I11);

    /// <summary>In a kernel: the sums of a pair to C, if they are kept.</summary>
    public static void Keep<E>(ArrayView<float> floats, in GpuArguments a, int row, int column, float first, float second)
        where E : struct, IGpuStorage
    {
        if (a.I13 != 0)
        {
            var at = a.R2 + ((long)row * a.I5) + Column(a, column);
            E.Store(floats, at, first);
            E.Store(floats, at + a.I11, second);
        }
    }
}

/// <summary>Y[i] = op(C[i], C[i + half]), half as wide as C: a pointwise operator on both halves of a product.</summary>
internal readonly struct JoinedPairs<TOp, E> : IGpuEpilogue
    where TOp : struct, IPointwise2
    where E : struct, IGpuStorage
{
    public static int Column(in GpuArguments a, int column) => GpuPairs.Column(a, column);

    public static void Store(in GpuTilePlace place, ArrayView<float> floats, in GpuArguments a, int row, int column, float first, float second)
    {
        if (row < a.I0 && column < a.I1)
        {
            E.Store(floats, a.R13 + ((long)row * a.I12) + (column >> 1), default(TOp).Forward(new GpuLane(first), new GpuLane(second)).Value);
            GpuPairs.Keep<E>(floats, a, row, column, first, second);
        }
    }

    public static void Store(in GpuTilePlace place, ArrayView<float> floats, in GpuArguments a, int row, int column, Float4 value)
    {
        Store(place, floats, a, row, column, value.X, value.Y);
        Store(place, floats, a, row, column + 2, value.Z, value.W);
    }
}

/// <summary>Y = C with its first columns rotated, pair by pair, by the angles of the row's position.</summary>
internal readonly struct RotatedPairs<E> : IGpuEpilogue
    where E : struct, IGpuStorage
{
    public static int Column(in GpuArguments a, int column) => GpuPairs.Column(a, column);

    public static void Store(in GpuTilePlace place, ArrayView<float> floats, in GpuArguments a, int row, int column, float first, float second)
    {
        if (row < a.I0 && column < a.I1)
        {
            float x = first, z = second;
            if (column < a.I15)
            {
                // By a product, as in GpuPairs.InGroup.
                var angles = a.R14 + ((long)(row - (row / a.I14 * a.I14)) * 2 * a.I11) + (GpuPairs.InGroup(a, column) >> 1);
                float cos = floats[angles], sin = a.F0 * floats[angles + a.I11];
                x = first * cos - second * sin;
                z = second * cos + first * sin;
            }

            var at = a.R13 + ((long)row * a.I12) + GpuPairs.Column(a, column);
            E.Store(floats, at, x);
            E.Store(floats, at + a.I11, z);
            GpuPairs.Keep<E>(floats, a, row, column, first, second);
        }
    }

    public static void Store(in GpuTilePlace place, ArrayView<float> floats, in GpuArguments a, int row, int column, Float4 value)
    {
        Store(place, floats, a, row, column, value.X, value.Y);
        Store(place, floats, a, row, column + 2, value.Z, value.W);
    }
}
