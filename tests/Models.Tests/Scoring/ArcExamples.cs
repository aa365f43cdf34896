using CsCheck;
using Graph.Models.Puzzles;

namespace Graph.Models.Tests;

/// <summary>Grids and token frames for the tests of ARC scoring.</summary>
internal static class ArcExamples
{
    /// <summary>Any grid with at least one cell; half of them are small.</summary>
    public static Gen<ArcGrid> Grids { get; } =
        from height in Gen.OneOf(Gen.Int[1, 4], Gen.Int[1, 30])
        from width in Gen.OneOf(Gen.Int[1, 4], Gen.Int[1, 30])
        from cells in Gen.Byte[0, 9].Array[height * width]
        select new ArcGrid(height, width, cells);

    /// <summary>Any augmentation of a task, also such as move colour 0.</summary>
    public static Gen<ArcAugmentation> Augmentations(string task) =>
        from symmetry in Gen.Int[0, 7]
        from colours in Gen.Shuffle(Enumerable.Range(0, 10).Select(colour => (byte)colour).ToArray())
        select new ArcAugmentation(task, new Dihedral(symmetry), new ColourMap(colours));

    /// <summary>A grid of digits, rows separated by slashes: <c>10/01</c>.</summary>
    public static ArcGrid Grid(string rows)
    {
        var lines = rows.Split('/');
        return new ArcGrid(lines.Length, lines[0].Length, [.. string.Concat(lines).Select(c => (byte)(c - '0'))]);
    }

    /// <summary>[900] tokens of a grid in the upper left corner.</summary>
    public static int[] Tokens(ArcGrid grid)
    {
        var tokens = new byte[ArcEncoding.Length];
        ArcEncoding.Encode(grid, 0, 0, tokens);
        return Array.ConvertAll(tokens, token => (int)token);
    }

    /// <summary>Adds votes of equal q for one grid.</summary>
    public static void Vote(this ArcVoting voting, string task, string input, string predicted, int votes, double q)
    {
        for (var i = 0; i < votes; i++)
        {
            voting.Add(task, Tokens(Grid(input)), Tokens(Grid(predicted)), q);
        }
    }
}
