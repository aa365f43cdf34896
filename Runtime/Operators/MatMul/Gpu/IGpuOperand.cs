using ILGPU;

namespace Graph.Operators;

/// <summary>
/// How a tile of a factor comes from memory. Both factors are seen alike: X[l, r] with l the summed index and r a row or column of the
/// product. A thread of the group loads one group of four elements a step, its slot, and puts it into the tile, which lies l by l.
/// </summary>
internal interface IGpuOperand
{
    /// <summary>The four elements of a slot; zero outside the factor.</summary>
    /// <param name="memory">The device's float memory.</param>
    /// <param name="start">Place of X[0, 0].</param>
    /// <param name="stride">Elements between the rows in which X lies.</param>
    /// <param name="slot">Of the tile: below width / 4 · depth.</param>
    /// <param name="first">r of the tile's first element.</param>
    /// <param name="count">End of r.</param>
    /// <param name="from">l of the tile's first element.</param>
    /// <param name="end">End of l.</param>
    /// <param name="width">Extent of the tile in r.</param>
    /// <param name="depth">Extent of the tile in l.</param>
    static abstract Float4 Load(ArrayView<float> memory, long start, int stride, int slot, int first, int count, int from, int end, int width, int depth);

    /// <summary>Puts a slot into the tile, whose rows are width + 4 floats.</summary>
    static abstract void Store(ArrayView<Float4> tile, int slot, Float4 value, int width, int depth);
}

/// <summary>X lies with l side by side; the start, the stride and the end of l are multiples of 4.</summary>
internal readonly struct DeepVector : IGpuOperand
{
    public static Float4 Load(ArrayView<float> memory, long start, int stride, int slot, int first, int count, int from, int end, int width, int depth)
    {
        var r = first + (slot / (depth / 4));
        var l = from + (slot % (depth / 4) * 4);
        return r < count && l < end ? memory.Cast<Float4>()[(start + ((long)r * stride) + l) >> 2] : default;
    }

    /// <summary>Turns the four elements into a column. The padding of a row leaves two-way bank conflicts at most.</summary>
    public static void Store(ArrayView<Float4> tile, int slot, Float4 value, int width, int depth)
    {
        var floats = tile.Cast<float>();
        var at = (slot % (depth / 4) * 4 * (width + 4)) + (slot / (depth / 4));
        floats[at] = value.X;
        floats[at + width + 4] = value.Y;
        floats[at + (2 * (width + 4))] = value.Z;
        floats[at + (3 * (width + 4))] = value.W;
    }
}

/// <summary>X lies with l side by side, at any place.</summary>
internal readonly struct DeepScalar<E> : IGpuOperand
    where E : struct, IGpuStorage
{
    public static Float4 Load(ArrayView<float> memory, long start, int stride, int slot, int first, int count, int from, int end, int width, int depth)
    {
        var r = first + (slot / (depth / 4));
        var l = from + (slot % (depth / 4) * 4);
        var at = start + ((long)r * stride) + l;
        return new(
            r < count && l < end ? E.Load(memory, at) : 0,
            r < count && l + 1 < end ? E.Load(memory, at + 1) : 0,
            r < count && l + 2 < end ? E.Load(memory, at + 2) : 0,
            r < count && l + 3 < end ? E.Load(memory, at + 3) : 0);
    }

    public static void Store(ArrayView<Float4> tile, int slot, Float4 value, int width, int depth) => DeepVector.Store(tile, slot, value, width, depth);
}

/// <summary>X lies with r side by side; the start, the stride and the end of r are multiples of 4.</summary>
internal readonly struct WideVector : IGpuOperand
{
    public static Float4 Load(ArrayView<float> memory, long start, int stride, int slot, int first, int count, int from, int end, int width, int depth)
    {
        var l = from + (slot / (width / 4));
        var r = first + (slot % (width / 4) * 4);
        return r < count && l < end ? memory.Cast<Float4>()[(start + ((long)l * stride) + r) >> 2] : default;
    }

    public static void Store(ArrayView<Float4> tile, int slot, Float4 value, int width, int depth) =>
        tile[(slot / (width / 4) * ((width / 4) + 1)) + (slot % (width / 4))] = value;
}

/// <summary>X lies with r side by side, at any place.</summary>
internal readonly struct WideScalar<E> : IGpuOperand
    where E : struct, IGpuStorage
{
    public static Float4 Load(ArrayView<float> memory, long start, int stride, int slot, int first, int count, int from, int end, int width, int depth)
    {
        var l = from + (slot / (width / 4));
        var r = first + (slot % (width / 4) * 4);
        var at = start + ((long)l * stride) + r;
        return new(
            l < end && r < count ? E.Load(memory, at) : 0,
            l < end && r + 1 < count ? E.Load(memory, at + 1) : 0,
            l < end && r + 2 < count ? E.Load(memory, at + 2) : 0,
            l < end && r + 3 < count ? E.Load(memory, at + 3) : 0);
    }

    public static void Store(ArrayView<Float4> tile, int slot, Float4 value, int width, int depth) => WideVector.Store(tile, slot, value, width, depth);
}
