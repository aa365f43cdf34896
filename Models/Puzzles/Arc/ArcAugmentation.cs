using System.Globalization;
using System.Security.Cryptography;

namespace Graph.Models.Puzzles;

/// <summary>A task's name with what was done to its grids: recoloured first, then moved.</summary>
/// <param name="Task">Name of the original task.</param>
/// <param name="Symmetry">How cells moved.</param>
/// <param name="Colours">What colours became.</param>
public sealed record ArcAugmentation(string Task, Dihedral Symmetry, ColourMap Colours)
{
    /// <summary>Stands between the task, the symmetry and the colours in a name.</summary>
    public const string Separator = "|||";

    /// <summary>The task as it is.</summary>
    public static ArcAugmentation None(string task) => new(task, default, ColourMap.Identity);

    /// <summary>Reads <c>task</c> or <c>task|||t6|||0926183754</c>.</summary>
    /// <exception cref="GraphException">What follows the task is neither nothing nor a symmetry and ten different digits.</exception>
    public static ArcAugmentation Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var parts = name.Split(Separator);
        if (parts.Length == 1)
        {
            return None(name);
        }

        return parts is [var task, ['t', >= '0' and <= '7'] symmetry, var digits] && ColourMap.TryParse(digits, out var colours)
            ? new ArcAugmentation(task, new Dihedral(symmetry[1] - '0'), colours)
            : throw new GraphException($"identifier '{name}': augmentation, expected task{Separator}t0 to t7{Separator}ten different digits");
    }

    /// <summary>The name as in <c>identifiers.json</c>: an augmentation that a builder drew, even if it changes nothing.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Task}{Separator}t{Symmetry.Id}{Separator}{Colours}");

    /// <summary>The augmented form of an original grid.</summary>
    public ArcGrid Apply(ArcGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        Span<byte> cells = stackalloc byte[grid.Cells.Length];
        grid.Cells.CopyTo(cells);
        Colours.Apply(cells);
        return Symmetry.Apply(new ArcGrid(grid.Height, grid.Width, cells));
    }

    /// <summary>The original form of an augmented grid (any grid, such as a prediction).</summary>
    public ArcGrid Inverse(ArcGrid grid)
    {
        var moved = Symmetry.Inverse.Apply(grid);
        Span<byte> cells = stackalloc byte[moved.Cells.Length];
        moved.Cells.CopyTo(cells);
        Colours.Inverse.Apply(cells);
        return new ArcGrid(moved.Height, moved.Width, cells);
    }

    /// <summary>The hash of the augmented form of a grid, without making that grid: a full build hashes thirteen million of them.</summary>
    internal void WriteHash(ArcGrid grid, Span<byte> hash)
    {
        Span<byte> coloured = stackalloc byte[grid.Cells.Length];
        Span<byte> bytes = stackalloc byte[2 + coloured.Length];
        grid.Cells.CopyTo(coloured);
        Colours.Apply(coloured);
        Symmetry.Apply(coloured, grid.Height, grid.Width, bytes[2..]);
        (bytes[0], bytes[1]) = Symmetry.SwapsSides ? ((byte)grid.Width, (byte)grid.Height) : ((byte)grid.Height, (byte)grid.Width);
        SHA256.HashData(bytes, hash);
    }
}
