namespace Graph.Models.Puzzles;

/// <summary>
/// The least form of a 4x4 or 6x6 grid over all its symmetries and relabellings: two puzzles are the same up to symmetry exactly
/// when their least forms are equal.
/// </summary>
/// <remarks>
/// Train and held-out puzzles are separated by the class of the <em>puzzle</em>, not of its solution: there are only 2 classes of
/// 4x4 solutions and 49 of 6x6 solutions, so every solution class occurs on both sides.
/// </remarks>
public sealed class SudokuCanon
{
    private readonly byte[][] maps;
    private readonly int n;

    public SudokuCanon(SudokuShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        n = shape.N;
        maps = SudokuSymmetry.CellMaps(shape);
    }

    /// <summary>Number of cell symmetries (without relabellings).</summary>
    public int Symmetries => maps.Length;

    /// <summary>Digits are numbered in order of first appearance; among all cell symmetries the lexicographically least wins.</summary>
    public byte[] Least(ReadOnlySpan<byte> cells) => Least(cells, out _);

    /// <param name="cells">The grid, 0 for a blank.</param>
    /// <param name="automorphisms">How many cell symmetries, with a relabelling each, map the grid to itself.</param>
    public byte[] Least(ReadOnlySpan<byte> cells, out int automorphisms)
    {
        var least = new byte[cells.Length];
        least.AsSpan().Fill(byte.MaxValue);
        Span<byte> label = stackalloc byte[n + 1];
        automorphisms = 0;
        foreach (var map in maps)
        {
            label.Clear();
            byte next = 0;
            var smaller = false;
            var i = 0;
            for (; i < map.Length; i++)
            {
                var digit = cells[map[i]];
                byte value = 0;
                if (digit != 0)
                {
                    value = label[digit];
                    if (value == 0)
                    {
                        label[digit] = value = ++next;
                    }
                }

                if (smaller || value < least[i])
                {
                    smaller = true;
                    least[i] = value;
                }
                else if (value > least[i])
                {
                    break;
                }
            }

            // Ran to the end: a new least form, or the least form again.
            if (i == map.Length)
            {
                automorphisms = smaller ? 1 : automorphisms + 1;
            }
        }

        return least;
    }

    /// <summary>The least form as one number.</summary>
    public UInt128 Key(ReadOnlySpan<byte> cells)
    {
        UInt128 key = 0;
        foreach (var value in Least(cells))
        {
            key = key * (uint)(n + 1) + value;
        }

        return key;
    }
}
