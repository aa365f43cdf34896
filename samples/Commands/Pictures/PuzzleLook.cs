namespace Graph.Samples.Commands;

/// <summary>How a benchmark's square grids are drawn.</summary>
internal abstract class PuzzleLook
{
    /// <summary>Heavy lines every so many rows and columns; 0: none.</summary>
    public virtual (int Rows, int Columns) Box => (0, 0);

    /// <summary>A token's look; null: there is nothing at that place, as outside an ARC grid.</summary>
    public abstract CellLook? Of(int token);
}
