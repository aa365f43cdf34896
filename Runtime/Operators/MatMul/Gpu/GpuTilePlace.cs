using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>Which tile of the product a group has, and the way from there to memory. The arguments' meaning: <see cref="GpuTiles"/>.</summary>
internal readonly struct GpuTilePlace
{
    private readonly long startA;
    private readonly long startB;
    private readonly long startC;

    public GpuTilePlace(int group, int tile, in GpuArguments a)
    {
        // Tiles across first: groups that run together share rows of A, the long factor, in the cache.
        Batch = group / (a.I7 * a.I8);
        var rest = group - (Batch * a.I7 * a.I8);
        var down = rest / a.I7;

        // Rests by a product: a quotient and a rest of one pair become a freeze of LLVM, which Oclgrind does not know.
        Row = down * tile;
        Column = (rest - (down * a.I7)) * tile;
        startA = a.R0 + (Batch * a.R3);
        startB = a.R1 + (Batch * a.R4);
        startC = a.R2 + (Batch * a.R5);
        // A split whose last parts are behind the end of the sum: they have no steps, but load a first one before they know, so it must exist.
        var first = Batch * a.R9;
        var end = first + a.R10;
        Step = (int)(first < a.R8 ? first : 0);
        End = (int)(first >= a.R8 ? 0 : end < a.R8 ? end : a.R8);
    }

    public int Batch { get; }

    public int Row { get; }

    public int Column { get; }

    /// <summary>First step of the sum.</summary>
    public int Step { get; }

    public int End { get; }

    public Float4 LoadA<A>(ArrayView<float> floats, in GpuArguments a, int slot, int step, int tile, int depth)
        where A : struct, IGpuOperand
    {
        var sample = step / a.I9;
        return A.Load(floats, startA + (sample * a.R6), a.I3, slot, Row, a.I0, (step - (sample * a.I9)) * depth, a.I2, tile, depth);
    }

    /// <summary>
    /// What a thread's loads of B take for the tile's first column. An epilogue that orders columns anew needs a slot to be one column of B:
    /// the summed index is side by side in memory.
    /// </summary>
    public int StartOfB<E>(in GpuArguments a, int slot, int depth)
        where E : struct, IGpuEpilogue
    {
        var own = slot / (depth / 4);
        return E.Column(a, Column + own) - own;
    }

    /// <summary>The slot's elements; <paramref name="start"/> is <see cref="StartOfB"/>.</summary>
    public Float4 LoadB<B>(ArrayView<float> floats, in GpuArguments a, int slot, int start, int step, int tile, int depth)
        where B : struct, IGpuOperand
    {
        var sample = step / a.I9;
        return B.Load(floats, startB + (sample * a.R7), a.I4, slot, start, a.I1, (step - (sample * a.I9)) * depth, a.I2, tile, depth);
    }

    public void Store<E>(ArrayView<float> floats, in GpuArguments a, int row, int column, float value)
        where E : struct, IGpuStorage
    {
        if (row < a.I0 && column < a.I1)
        {
            var at = startC + ((long)row * a.I5) + column;
            E.Store(floats, at, a.I6 != 0 ? E.Load(floats, at) + value : value);
        }
    }

    public void Store<E>(ArrayView<float> floats, in GpuArguments a, int row, int column, Float4 value)
        where E : struct, IGpuStorage
    {
        if (a.I10 != 0 && row < a.I0 && column + 3 < a.I1)
        {
            var vectors = floats.Cast<Float4>();
            var at = (startC + ((long)row * a.I5) + column) >> 2;
            vectors[at] = a.I6 != 0 ? value + vectors[at] : value;
        }
        else
        {
            Store<E>(floats, a, row, column, value.X);
            Store<E>(floats, a, row, column + 1, value.Y);
            Store<E>(floats, a, row, column + 2, value.Z);
            Store<E>(floats, a, row, column + 3, value.W);
        }
    }
}
