using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

/// <summary>What a tile does with its sums: which columns of B it holds, and what goes to memory.</summary>
internal interface IGpuEpilogue
{
    /// <summary>The column of B and C that a tile's column holds; tiles number their columns one after the other.</summary>
    static abstract int Column(in GpuArguments a, int column);

    /// <summary>Takes two neighbours of a tile's row; <paramref name="column"/> is even.</summary>
    static abstract void Store(in GpuTilePlace place, ArrayView<float> floats, in GpuArguments a, int row, int column, float first, float second);

    /// <summary>Takes four neighbours of a tile's row; <paramref name="column"/> is a multiple of 4.</summary>
    static abstract void Store(in GpuTilePlace place, ArrayView<float> floats, in GpuArguments a, int row, int column, Float4 value);
}

/// <summary>C = or += the sums.</summary>
internal readonly struct StoredSums<E> : IGpuEpilogue
    where E : struct, IGpuStorage
{
    public static int Column(in GpuArguments a, int column) => column;

    public static void Store(in GpuTilePlace place, ArrayView<float> floats, in GpuArguments a, int row, int column, float first, float second)
    {
        place.Store<E>(floats, a, row, column, first);
        place.Store<E>(floats, a, row, column + 1, second);
    }

    public static void Store(in GpuTilePlace place, ArrayView<float> floats, in GpuArguments a, int row, int column, Float4 value) =>
        place.Store<E>(floats, a, row, column, value);
}
