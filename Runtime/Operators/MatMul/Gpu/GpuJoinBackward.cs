using Graph.Execution;
using Graph.Lanes;
using ILGPU;

namespace Graph.Operators;

/// <summary>A matrix of an epilogue on a device.</summary>
/// <param name="Place">Of its first element.</param>
/// <param name="Stride">Elements between its rows.</param>
/// <param name="Apart">Elements from its first half to the second; 0: it is not in halves.</param>
/// <param name="Batch">Elements from one batch to the next.</param>
internal readonly record struct GpuHalves(long Place, int Stride, int Apart, int Batch)
{
    /// <summary>Where m rows of n columns of each half lie, in bytes: what places of different forms are compared by.</summary>
    public (long Start, long End) Bytes(int m, int n, long batches)
    {
        var element = Bfloat16Place.Bytes(Place);
        var start = Bfloat16Place.Start(Place) * element;
        return (start, start + ((((batches - 1) * Batch) + ((m - 1L) * Stride) + Apart + n) * element));
    }
}

/// <summary>
/// Backward of y = op(a, b) as the epilogue of the product that makes dy: a and b are the halves of X, da and db those of Gradient. Each element of dy goes
/// with one of a and one of b, so that the tile needs no other order. dy itself is not written; y is computed once more, for the weights' gradients.
/// </summary>
internal readonly record struct GpuJoinBackward(GpuHalves X, GpuHalves Y, GpuHalves Gradient)
{
    /// <summary>
    /// Arguments behind those of the product: R13 R14 R15 places of Y, X and Gradient; I11 I12 I13 their strides; I14 I15 from half to half of X and
    /// Gradient; J5 J6 J7 their distances from one batch to the next.
    /// </summary>
    public GpuArguments Into(GpuArguments a)
    {
        (a.R13, a.R14, a.R15) = (Y.Place, X.Place, Gradient.Place);
        (a.I11, a.I12, a.I13) = (Y.Stride, X.Stride, Gradient.Stride);
        (a.I14, a.I15) = (X.Apart, Gradient.Apart);
        (a.J5, a.J6, a.J7) = (Y.Batch, X.Batch, Gradient.Batch);
        return a;
    }

    /// <summary>Bytes for each element of dy.</summary>
    public int Bytes => Bfloat16Place.Bytes(Y.Place) + (2 * (Bfloat16Place.Bytes(X.Place) + Bfloat16Place.Bytes(Gradient.Place)));

    /// <summary>Something of it is bfloat16.</summary>
    public bool HasBfloat16 => Bfloat16Place.Is(X.Place) || Bfloat16Place.Is(Y.Place) || Bfloat16Place.Is(Gradient.Place);
}

/// <summary>y = op(a, b) and (da, db) = op's backward of the sums, which are dy.</summary>
internal readonly struct JoinedBackward<TOp, E> : IGpuEpilogue
    where TOp : struct, IPointwise2
    where E : struct, IGpuStorage
{
    public static int Column(in GpuArguments a, int column) => column;

    public static void Store(in GpuTilePlace place, ArrayView<float> floats, in GpuArguments a, int row, int column, float first, float second)
    {
        Store(place, floats, a, row, column, first);
        Store(place, floats, a, row, column + 1, second);
    }

    public static void Store(in GpuTilePlace place, ArrayView<float> floats, in GpuArguments a, int row, int column, Float4 value)
    {
        Store(place, floats, a, row, column, value.X, value.Y);
        Store(place, floats, a, row, column + 2, value.Z, value.W);
    }

    private static void Store(in GpuTilePlace place, ArrayView<float> floats, in GpuArguments a, int row, int column, float dy)
    {
        if (row < a.I0 && column < a.I1)
        {
            var x = a.R14 + (place.Batch * (long)a.J6) + ((long)row * a.I12) + column;
            var gradient = a.R15 + (place.Batch * (long)a.J7) + ((long)row * a.I13) + column;
            GpuLane left = new(E.Load(floats, x)), right = new(E.Load(floats, x + a.I14));
            var y = default(TOp).Forward(left, right);
            var (da, db) = default(TOp).Backward(left, right, y, new GpuLane(dy));
            E.Store(floats, a.R13 + (place.Batch * (long)a.J5) + ((long)row * a.I11) + column, y.Value);
            E.Store(floats, gradient, da.Value);
            E.Store(floats, gradient + a.I15, db.Value);
        }
    }
}
