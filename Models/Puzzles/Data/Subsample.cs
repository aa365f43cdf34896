namespace Graph.Models.Puzzles;

/// <summary>Draws some of the items of a file without replacement, as TRM's builders do.</summary>
internal static class Subsample
{
    /// <param name="items">All of them.</param>
    /// <param name="size">How many to draw; null or at least all: the items as they are, without a draw.</param>
    /// <param name="random">numpy's generator.</param>
    /// <exception cref="GraphException">A size below 1.</exception>
    public static List<T> Draw<T>(List<T> items, int? size, NumpyRandomState random)
    {
        if (size is < 1)
        {
            throw new GraphException($"subsample of {size}, expected 1 or more");
        }

        return size is null || size >= items.Count ? items : [.. random.Choice(items.Count, size.Value).Select(i => items[i])];
    }
}
