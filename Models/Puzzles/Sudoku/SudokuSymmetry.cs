using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>
/// One symmetry of a shape: bands, rows inside bands, stacks, columns inside stacks, transposition where boxes are square, and
/// a relabelling of the digits. The same object is shuffled and applied again and again, so that drawing allocates nothing.
/// </summary>
public sealed class SudokuSymmetry
{
    private readonly SudokuShape shape;
    private readonly byte[] source;
    private readonly byte[] digits;
    private readonly byte[] rows;
    private readonly byte[] columns;

    /// <summary>The identity.</summary>
    public SudokuSymmetry(SudokuShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        this.shape = shape;
        source = new byte[shape.Cells];
        digits = new byte[shape.N + 1];
        rows = new byte[shape.N];
        columns = new byte[shape.N];
        Count(source);
        Count(digits);
    }

    /// <summary>Becomes a uniformly random symmetry.</summary>
    public void Shuffle(ref CounterRandom random)
    {
        Lines(rows, shape.BoxRows, ref random);
        Lines(columns, shape.BoxColumns, ref random);
        Place(shape.Transposes && random.Below(2) == 1);
        Count(digits);
        random.Shuffle(digits.AsSpan(1));
    }

    /// <summary>Becomes the random symmetry that TRM's builder draws: digits, transposition, rows, columns, in this order.</summary>
    public void Shuffle(NumpyRandomState random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Count(digits);
        random.Shuffle(digits.AsSpan(1));
        var transpose = shape.Transposes && random.Rand() < 0.5;
        Lines(rows, shape.BoxRows, random);
        Lines(columns, shape.BoxColumns, random);
        Place(transpose);
    }

    /// <summary>Moves and relabels; a blank stays a blank.</summary>
    public void Apply(ReadOnlySpan<byte> from, Span<byte> to)
    {
        for (var cell = 0; cell < source.Length; cell++)
        {
            to[cell] = digits[from[source[cell]]];
        }
    }

    /// <summary>Every cell symmetry as a map: new cell <c>i</c> shows old cell <c>map[i]</c>. 128 maps for 4x4, 3456 for 6x6.</summary>
    public static byte[][] CellMaps(SudokuShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.N > 6)
        {
            throw new GraphException($"all symmetries of a {shape.N}x{shape.N} grid, expected 4x4 or 6x6: there are too many to list");
        }

        var maps = new List<byte[]>();
        foreach (var rows in LineOrders(shape.N, shape.BoxRows))
        {
            foreach (var columns in LineOrders(shape.N, shape.BoxColumns))
            {
                maps.Add(Map(shape, rows, columns, transpose: false));
                if (shape.Transposes)
                {
                    maps.Add(Map(shape, rows, columns, transpose: true));
                }
            }
        }

        return [.. maps];
    }

    private static byte[] Map(SudokuShape shape, int[] rows, int[] columns, bool transpose)
    {
        var map = new byte[shape.Cells];
        for (var cell = 0; cell < map.Length; cell++)
        {
            var (row, column) = (rows[cell / shape.N], columns[cell % shape.N]);
            map[cell] = (byte)(transpose ? column * shape.N + row : row * shape.N + column);
        }

        return map;
    }

    /// <summary>All orders of lines that keep groups of <paramref name="width"/> lines together.</summary>
    private static IEnumerable<int[]> LineOrders(int n, int width)
    {
        foreach (var bands in Orders(n / width))
        {
            List<int[]> orders = [[]];
            foreach (var band in bands)
            {
                orders = [.. from head in orders from tail in Orders(width) select (int[])[.. head, .. tail.Select(i => band * width + i)]];
            }

            foreach (var order in orders)
            {
                yield return order;
            }
        }
    }

    private static IEnumerable<int[]> Orders(int count)
        => count == 0
            ? [[]]
            : from head in Orders(count - 1)
              from at in Enumerable.Range(0, count)
              select (int[])[.. head[..at], count - 1, .. head[at..]];

    private static void Lines(Span<byte> lines, int width, ref CounterRandom random)
    {
        Span<byte> groups = stackalloc byte[lines.Length / width];
        Span<byte> inside = stackalloc byte[width];
        Count(groups);
        Count(inside);
        random.Shuffle(groups);
        for (var group = 0; group < groups.Length; group++)
        {
            random.Shuffle(inside);
            for (var i = 0; i < width; i++)
            {
                lines[group * width + i] = (byte)(groups[group] * width + inside[i]);
            }
        }
    }

    private static void Lines(Span<byte> lines, int width, NumpyRandomState random)
    {
        Span<byte> groups = stackalloc byte[lines.Length / width];
        Span<byte> inside = stackalloc byte[width];
        Count(groups);
        random.Shuffle(groups);
        for (var group = 0; group < groups.Length; group++)
        {
            Count(inside);
            random.Shuffle(inside);
            for (var i = 0; i < width; i++)
            {
                lines[group * width + i] = (byte)(groups[group] * width + inside[i]);
            }
        }
    }

    /// <summary>New cell (i, j) shows old cell (rows[i], columns[j]), of the transposed grid where asked.</summary>
    private void Place(bool transpose)
    {
        for (var cell = 0; cell < source.Length; cell++)
        {
            var (row, column) = (rows[cell / shape.N], columns[cell % shape.N]);
            source[cell] = (byte)(transpose ? column * shape.N + row : row * shape.N + column);
        }
    }

    private static void Count(Span<byte> items)
    {
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = (byte)i;
        }
    }
}
