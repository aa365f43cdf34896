using System.Security.Cryptography;

namespace Graph.Models.Puzzles;

/// <summary>A coloured grid: 0 to 30 rows by 0 to 30 columns (0x0 only from cropping a prediction), cells 0 to 9, row by row.</summary>
/// <remarks>Two grids are equal when size and cells are.</remarks>
public sealed record ArcGrid
{
    /// <summary>Most rows, and most columns.</summary>
    public const int MaxSide = 30;

    /// <summary>Number of colours.</summary>
    public const int Colours = 10;

    private readonly byte[] cells;

    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="cells">[height, width], each 0 to 9; the grid keeps a copy.</param>
    /// <exception cref="GraphException">Size, number of cells or a cell is out of range.</exception>
    public ArcGrid(int height, int width, ReadOnlySpan<byte> cells)
    {
        if (height is < 0 or > MaxSide || width is < 0 or > MaxSide)
        {
            throw new GraphException($"grid of {height}x{width}, expected at most {MaxSide}x{MaxSide}");
        }

        if (cells.Length != height * width)
        {
            throw new GraphException($"grid of {height}x{width} with {cells.Length} cells, expected {height * width}");
        }

        var bad = cells.IndexOfAnyExceptInRange((byte)0, (byte)(Colours - 1));
        if (bad >= 0)
        {
            throw new GraphException($"grid of {height}x{width}: cell {bad} is {cells[bad]}, expected a colour 0 to {Colours - 1}");
        }

        Height = height;
        Width = width;
        this.cells = cells.ToArray();
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>[Height, Width], row by row.</summary>
    public ReadOnlySpan<byte> Cells => cells;

    /// <summary>The colour at a row and a column.</summary>
    public byte this[int row, int column] => cells[row * Width + column];

    /// <summary>SHA-256 of the byte of rows, the byte of columns and the cells, in lower-case hex: TRM's key of a grid.</summary>
    public string Hash()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        WriteHash(hash);
        return Convert.ToHexStringLower(hash);
    }

    public bool Equals(ArcGrid? other) =>
        other is not null && Height == other.Height && Width == other.Width && Cells.SequenceEqual(other.Cells);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Height);
        hash.Add(Width);
        hash.AddBytes(cells);
        return hash.ToHashCode();
    }

    /// <summary>Rows of digits, one line each.</summary>
    public override string ToString() =>
        string.Join('\n', Enumerable.Range(0, Height).Select(row => string.Concat(cells.AsSpan(row * Width, Width).ToArray())));

    /// <summary>The 32 bytes of <see cref="Hash"/>.</summary>
    internal void WriteHash(Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[2 + cells.Length];
        bytes[0] = (byte)Height;
        bytes[1] = (byte)Width;
        cells.CopyTo(bytes[2..]);
        SHA256.HashData(bytes, hash);
    }
}
