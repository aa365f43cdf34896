using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Specs;

namespace Graph.Generator.Passes;

/// <summary>
/// Which row work a device may do in the tiles of the product that it reads: a pointwise operator on both halves of one matrix, and tile
/// operators that say so (<c>LaunchAttribute.TakesProduct</c>). Products before them are emitted so that they wait.
/// </summary>
internal static class ProductEpilogue
{
    /// <summary>The kernel is nothing but y = op(a, b), with a and b the left and the right half of one matrix.</summary>
    public static bool JoinsHalves(FusedKernel kernel)
    {
        if (kernel.Instrs.Count != 1 || kernel.Instrs[0] is not { Kind: InstrKind.Pointwise, Parameters.Count: 0, Operator: { Archetype: Archetype.Pointwise2, Constructor.Count: 0 } } instr)
        {
            return false;
        }

        var (a, b, y) = (instr.Read("a"), instr.Read("b"), instr.Write("y"));
        return a.Base is not null && a.Base == b.Base && a.Base.Base is null && y.Base is null
            && a.Base.Width.Equals(a.Width + a.Width) && IsZero(a.Column) && b.Column.Equals(a.Width) && IsZero(a.Row) && IsZero(b.Row)
            && a.Length.Equals(a.Base.Length);
    }

    /// <summary>
    /// When <paramref name="product"/> must be in memory though the step behind it takes it, as an expression of the launch's turn; null
    /// if that step does not take it.
    /// </summary>
    public static string? Keep(Section section, Launch launch, Step product, Step? next)
    {
        var y = product.Single!.Write("y");
        var isTaken = y.Base is null && next switch
        {
            { Kernel: { } kernel } => JoinsHalves(kernel) && kernel.Instrs[0].Read("a").Base == y,
            { Single: { Kind: InstrKind.Tile, Launch.TakesProduct: { Length: > 0 } operand } tile } => tile.Read(operand) == y,
            _ => false,
        };
        if (!isTaken)
        {
            return null;
        }

        var isReadAgain = launch.Steps.Where(s => s != next).SelectMany(s => s.Instrs).Any(i => i.Reads.Any(r => r.Value.Root == y));
        return isReadAgain || !section.IsLocal(y) ? "true"
            : section.StorageWithGradient(y) == Storage.Saved ? "turn >= 0"
            : "false";
    }

    private static bool IsZero(DimExpr start) => start.Equals(DimExpr.Constant(0));
}
