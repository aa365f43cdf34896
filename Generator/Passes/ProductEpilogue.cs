using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Specs;

namespace Graph.Generator.Passes;

/// <summary>
/// Which row work a device may do in the tiles of the product that it reads: a pointwise operator on both halves of one matrix, its backward, a norm of a sum, and tile
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

        return instr.Write("y").Base is null && AreHalves(instr.Read("a"), instr.Read("b"));
    }

    /// <summary>
    /// The kernel is nothing but y = op(a, b), computed once more, and op's backward, where a and b are the halves of one matrix and da and db those of another; in a
    /// column region halves are rows. Its operands in the order a, b, y, dy, da, db; null if it is something else.
    /// </summary>
    public static IReadOnlyList<Value>? JoinsHalvesBackward(FusedKernel kernel, Section section, bool columns)
    {
        if (kernel.Instrs.Count != 2
            || kernel.Instrs[0] is not { Kind: InstrKind.Pointwise, Parameters.Count: 0, Operator: { Archetype: Archetype.Pointwise2, Constructor.Count: 0 } op } forward
            || kernel.Instrs[1] is not { Kind: InstrKind.PointwiseBackward, Parameters.Count: 0, Writes.Count: 2 } backward || backward.Operator!.Type != op.Type)
        {
            return null;
        }

        var (a, b, y, dy) = (forward.Read("a"), forward.Read("b"), forward.Write("y"), backward.Read("dy"));
        var (da, db) = (backward.Write("da"), backward.Write("db"));
        var areHalves = columns ? AreHalvesOfRows(a, b) && AreHalvesOfRows(da, db) : AreHalves(a, b) && AreHalves(da, db);
        return areHalves && y.Base is null && dy.Base is null && section.StorageOf(y) != Storage.Register ? [a, b, y, dy, da, db] : null;
    }

    /// <summary>The step behind a backward product takes it, and nobody else reads its result.</summary>
    public static bool IsTaken(Section section, Launch launch, Step product, Step? next)
    {
        var dx = product.Single!.Write("dx");
        return next?.Kernel is { } kernel && JoinsHalvesBackward(kernel, section, launch.Kind == LaunchKind.Columns) is [_, _, _, var dy, _, _] && dy == dx
            && section.IsLocal(dx) && section.StorageWithGradient(dx) != Storage.Saved
            && !launch.Steps.Where(s => s != next).SelectMany(s => s.Instrs).Any(i => i.Reads.Any(r => r.Value.Root == dx));
    }

    /// <summary>The kernel is nothing but y = norm(op(a, b)), of whole rows without gaps between them.</summary>
    public static bool NormalizesSum(FusedKernel kernel)
    {
        if (kernel.Instrs.Count != 2
            || kernel.Instrs[0] is not { Kind: InstrKind.Pointwise, Parameters.Count: 0, Operator: { Archetype: Archetype.Pointwise2, Constructor.Count: 0 } } sum
            || kernel.Instrs[1] is not { Kind: InstrKind.Row, Parameters.Count: 0 } norm)
        {
            return false;
        }

        var values = new[] { sum.Read("a"), sum.Read("b"), sum.Write("y"), norm.Write("y") };
        return norm.Read("x") == values[2] && values.Distinct().Count() == values.Length && values.All(v => v.Base is null);
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
            { Kernel: { } kernel } when JoinsHalves(kernel) => kernel.Instrs[0].Read("a").Base == y,
            { Kernel: { } kernel } when NormalizesSum(kernel) => kernel.Instrs[0].Reads.Any(r => r.Value == y) && Kept(section, launch, kernel.Instrs[0].Write("y"), next!) == "false",
            { Single: { Kind: InstrKind.Tile, Launch.TakesProduct: { Length: > 0 } operand } tile } => tile.Read(operand) == y,
            _ => false,
        };
        return isTaken ? Kept(section, launch, y, next!) : null;
    }

    /// <summary>When a value must be in memory though <paramref name="reader"/> has no need of it there.</summary>
    private static string Kept(Section section, Launch launch, Value value, Step reader)
    {
        var isReadAgain = launch.Steps.Where(s => s != reader).SelectMany(s => s.Instrs).Any(i => i.Reads.Any(r => r.Value.Root == value));
        return isReadAgain || !section.IsLocal(value) ? "true"
            : section.StorageWithGradient(value) == Storage.Saved ? "turn >= 0"
            : "false";
    }

    /// <summary>The left and the right half of one matrix.</summary>
    private static bool AreHalves(Value a, Value b) =>
        a.Base is not null && a.Base == b.Base && a.Base.Base is null
        && a.Base.Width.Equals(a.Width + a.Width) && IsZero(a.Column) && b.Column.Equals(a.Width) && IsZero(a.Row) && IsZero(b.Row)
        && a.Length.Equals(a.Base.Length);

    /// <summary>The upper and the lower half of one matrix.</summary>
    private static bool AreHalvesOfRows(Value a, Value b) =>
        a.Base is not null && a.Base == b.Base && a.Base.Base is null
        && a.Base.Length.Equals(a.Length + a.Length) && IsZero(a.Row) && b.Row.Equals(a.Length) && IsZero(a.Column) && IsZero(b.Column)
        && a.Width.Equals(a.Base.Width);

    private static bool IsZero(DimExpr start) => start.Equals(DimExpr.Constant(0));
}
