namespace Graph.Execution;

/// <summary>Sizes of work-groups.</summary>
internal static class GpuGroup
{
    /// <summary>Work items of a group of an element-wise kernel.</summary>
    public const int Full = 256;

    private const int Least = 32;

    /// <summary>A power of two that covers <paramref name="width"/> elements, between a warp and <see cref="Full"/>; the items stride over what is left.</summary>
    public static int For(long width)
    {
        var size = Least;
        while (size < Full && size < width)
        {
            size *= 2;
        }

        return size;
    }

    /// <summary>Full groups that give each of <paramref name="count"/> elements an item.</summary>
    public static long Over(long count) => (count + Full - 1) / Full;
}
