using Graph.Generator.Emit;
using static Graph.Generator.TensorCores.MatrixText;

namespace Graph.Generator.TensorCores;

/// <summary>
/// The text between shared memory and sums: fragments by <c>ldmatrix</c>, four matrices of 8 x 8 at once, and the products. Which lane
/// gives the address of which matrix row decides what lands in which register (PTX ISA: fragments of mma.m16n8k16, ldmatrix); a tile whose lines are
/// summed indices is transposed on the way.
/// </summary>
internal static class FragmentEmitter
{
    public static int Registers(ProductSpec spec) => (spec.Down * 4) + (spec.Across * 2);

    /// <summary>Places of this lane's matrix rows in a stage. A line 16 further has the same swizzle, so most places differ by constants.</summary>
    public static void Addresses(CodeWriter writer, ProductSpec spec)
    {
        writer.Line("// Matrix rows that this lane addresses: left, rows 0-7 and 8-15 at one k, then at the next; right, both k of one column block, then of the next.");
        Addresses(writer, spec, spec.Left, spec.Down, "warpTop", $"{Low} + ({Middle} * 8)", High, $"{Low} + ({High} * 8)", Middle);
        Addresses(writer, spec, spec.Right, spec.Across / 2, "warpStart", $"{Low} + ({High} * 8)", Middle, $"{Low} + ({Middle} * 8)", High);
    }

    /// <summary>The products of one step.</summary>
    public static void Products(CodeWriter writer, ProductSpec spec)
    {
        for (var deep = 0; deep < spec.Deep; deep++)
        {
            Load(writer, spec.Left, spec.Down, deep);
            Load(writer, spec.Right, spec.Across / 2, deep);
            for (var down = 0; down < spec.Down; down++)
            {
                for (var across = 0; across < spec.Across; across++)
                {
                    Multiply(writer, List("sum", ((down * spec.Across) + across) * 4, 4), List("left", down * 4, 4), List("right", across * 2, 2));
                }
            }
        }
    }

    private static void Addresses(CodeWriter writer, ProductSpec spec, OperandTile tile, int blocks, string corner, string row, string kChunk, string kLine, string rowChunk)
    {
        var name = tile.Name;
        if (tile.IsDeep)
        {
            writer.Line($"int {name}At = {corner} + {row};");
            for (var deep = 0; deep < spec.Deep; deep++)
            {
                writer.Line($"int {name}At{deep} = {tile.After}({name}At * {tile.LineBytes}) + ({tile.Swizzled(deep == 0 ? kChunk : $"({kChunk} + {deep * 2})", $"{name}At")} * 16);");
            }

            return;
        }

        writer.Line($"int {name}At = {kLine};");
        for (var block = 0; block < blocks; block++)
        {
            writer.Line($"int {name}At{block} = {tile.After}({name}At * {tile.LineBytes}) + ({tile.Swizzled($"(({corner} / 8) + {(block == 0 ? "" : $"{block * 2} + ")}{rowChunk})", $"{name}At")} * 16);");
        }
    }

    private static void Load(CodeWriter writer, OperandTile tile, int blocks, int deep)
    {
        for (var block = 0; block < blocks; block++)
        {
            var (place, more) = tile.IsDeep ? (deep, block) : (block, deep);
            MatrixText.Load(writer, List(tile.Name, block * 4, 4), $"read + {tile.Name}At{place}", more * 16 * tile.LineBytes, !tile.IsDeep);
        }
    }
}
