namespace Graph.Models.Puzzles;

/// <summary>Grids as token sequences: a 30x30 frame, pad 0, end 1, colour c is c + 2.</summary>
/// <remarks>
/// The end token stands in the row just below the grid, over its columns, and in the column just right of it, over its rows, where
/// these are inside the frame; the corner stays pad. As TRM's builder does.
/// </remarks>
public static class ArcEncoding
{
    public const int Pad = 0;
    public const int End = 1;
    public const int FirstColour = 2;

    /// <summary>Tokens of a frame.</summary>
    public const int Length = ArcGrid.MaxSide * ArcGrid.MaxSide;

    /// <summary>Pad, end and the colours.</summary>
    public const int Vocabulary = FirstColour + ArcGrid.Colours;

    /// <summary>Writes a grid with its upper left corner at (<paramref name="row"/>, <paramref name="column"/>).</summary>
    /// <param name="grid">At least one cell.</param>
    /// <param name="row">0 to 30 - height.</param>
    /// <param name="column">0 to 30 - width.</param>
    /// <param name="tokens">[900], overwritten.</param>
    public static void Encode(ArcGrid grid, int row, int column, Span<byte> tokens)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var (bottom, right) = (row + grid.Height, column + grid.Width);
        if (row < 0 || column < 0 || bottom > ArcGrid.MaxSide || right > ArcGrid.MaxSide)
        {
            throw new GraphException($"grid of {grid.Height}x{grid.Width} at row {row}, column {column}, expected inside {ArcGrid.MaxSide}x{ArcGrid.MaxSide}");
        }

        tokens.Clear();
        for (var r = 0; r < grid.Height; r++)
        {
            var line = tokens.Slice((row + r) * ArcGrid.MaxSide, ArcGrid.MaxSide);
            for (var c = 0; c < grid.Width; c++)
            {
                line[column + c] = (byte)(grid[r, c] + FirstColour);
            }

            if (right < ArcGrid.MaxSide)
            {
                line[right] = End;
            }
        }

        if (bottom < ArcGrid.MaxSide)
        {
            tokens.Slice(bottom * ArcGrid.MaxSide + column, grid.Width).Fill(End);
        }
    }

    /// <summary>The largest block of colours that starts in the frame's upper left corner; of equally large ones that with fewer rows.</summary>
    /// <param name="tokens">[900]; anything that is not a colour ends the block, so the result may be 0x0.</param>
    public static ArcGrid Crop(ReadOnlySpan<int> tokens)
    {
        if (tokens.Length != Length)
        {
            throw new GraphException($"{tokens.Length} tokens, expected a frame of {Length}");
        }

        var (width, height, columns) = (ArcGrid.MaxSide, 0, 0);
        for (var rows = 1; rows <= ArcGrid.MaxSide; rows++)
        {
            var line = tokens.Slice((rows - 1) * ArcGrid.MaxSide, width);
            var end = line.IndexOfAnyExceptInRange(FirstColour, Vocabulary - 1);
            width = end < 0 ? width : end;
            if (rows * width > height * columns)
            {
                (height, columns) = (rows, width);
            }
        }

        Span<byte> cells = stackalloc byte[height * columns];
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = (byte)(tokens[i / columns * ArcGrid.MaxSide + i % columns] - FirstColour);
        }

        return new ArcGrid(height, columns, cells);
    }

    /// <summary>As <see cref="Crop(ReadOnlySpan{int})"/>, of tokens as the builder stores them.</summary>
    public static ArcGrid Crop(ReadOnlySpan<byte> tokens)
    {
        Span<int> wide = stackalloc int[tokens.Length == Length ? Length : throw new GraphException($"{tokens.Length} tokens, expected a frame of {Length}")];
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] = tokens[i];
        }

        return Crop(wide);
    }
}
