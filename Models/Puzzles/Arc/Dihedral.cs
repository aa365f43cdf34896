using System.Globalization;

namespace Graph.Models.Puzzles;

/// <summary>One of the eight symmetries of a square, numbered as in TRM's data.</summary>
/// <remarks>
/// 0 identity, 1 to 3 counter-clockwise quarter turns, 4 left-right flip, 5 up-down flip, 6 transposition, 7 left-right flip of
/// one quarter turn (the other diagonal).
/// </remarks>
public readonly record struct Dihedral
{
    /// <summary>Number of symmetries.</summary>
    public const int Count = 8;

    /// <param name="id">0 to 7.</param>
    /// <exception cref="GraphException">Another number.</exception>
    public Dihedral(int id) => Id = id is >= 0 and < Count ? id : throw new GraphException($"dihedral symmetry {id}, expected 0 to {Count - 1}");

    /// <summary>0 to 7.</summary>
    public int Id { get; }

    /// <summary>True: rows become columns, so that a board of h x w becomes one of w x h.</summary>
    public bool SwapsSides => Id is 1 or 3 or 6 or 7;

    /// <summary>The symmetry that undoes this one; only the two quarter turns are not their own.</summary>
    public Dihedral Inverse => Id switch
    {
        1 => new(3),
        3 => new(1),
        _ => this,
    };

    /// <summary>The one symmetry that does this and then <paramref name="next"/>.</summary>
    public Dihedral Then(Dihedral next)
    {
        // A symmetry is a number of quarter turns after an optional left-right flip (f), and f r^k = r^-k f.
        var (flip, turns) = (Flips, Turns);
        var total = next.Flips ? next.Turns - turns : next.Turns + turns;
        return Of(flip != next.Flips, total & 3);
    }

    /// <summary>Moves the cells of a board.</summary>
    /// <param name="cells">[height, width].</param>
    /// <param name="height">Rows of <paramref name="cells"/>.</param>
    /// <param name="width">Columns of <paramref name="cells"/>.</param>
    /// <param name="moved">[height, width], or [width, height] where <see cref="SwapsSides"/>; not the same memory as <paramref name="cells"/>.</param>
    public void Apply(ReadOnlySpan<byte> cells, int height, int width, Span<byte> moved)
    {
        // Cell (i, j) of the result is old cell start + i * down + j * right.
        var (start, down, right) = Id switch
        {
            0 => (0, width, 1),
            1 => (width - 1, -1, width),
            2 => (height * width - 1, -width, -1),
            3 => ((height - 1) * width, 1, -width),
            4 => (width - 1, width, -1),
            5 => ((height - 1) * width, -width, 1),
            6 => (0, 1, width),
            _ => (height * width - 1, -1, -width),
        };
        var (rows, columns) = SwapsSides ? (width, height) : (height, width);
        var to = 0;
        for (var i = 0; i < rows; i++)
        {
            var from = start + i * down;
            for (var j = 0; j < columns; j++, from += right)
            {
                moved[to++] = cells[from];
            }
        }
    }

    /// <summary>The grid with its cells moved.</summary>
    public ArcGrid Apply(ArcGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        Span<byte> moved = stackalloc byte[grid.Cells.Length];
        Apply(grid.Cells, grid.Height, grid.Width, moved);
        return SwapsSides ? new ArcGrid(grid.Width, grid.Height, moved) : new ArcGrid(grid.Height, grid.Width, moved);
    }

    /// <summary><c>t0</c> to <c>t7</c>. A record's own text would print <see cref="Inverse"/>, and its inverse, without end.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"t{Id}");

    private bool Flips => Id >= 4;

    // 5 = flip, then two quarter turns; 6 (transposition) = flip, then one; 7 = flip, then three.
    private int Turns => Id switch
    {
        < 4 => Id,
        4 => 0,
        5 => 2,
        6 => 1,
        _ => 3,
    };

    private static Dihedral Of(bool flip, int turns) => new((flip, turns) switch
    {
        (false, _) => turns,
        (true, 0) => 4,
        (true, 1) => 6,
        (true, 2) => 5,
        _ => 7,
    });
}
