using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Specs;

namespace Graph.Generator.Passes;

/// <summary>
/// GRAPH081: why two neighbours of a section did not become one region or one kernel. Forward and backward, and every layer that
/// calls a block, have the same reasons, so a note is of two nodes as declared and is told once.
/// </summary>
internal sealed class FusionNotes(ModelGraph graph, bool backward)
{
    /// <summary>Between the end of one launch and the start of the next.</summary>
    public void Launches(Launch before, Instr last, Launch after, Instr first) => Add(last, first, (before.Kind, after.Kind) switch
    {
        (_, LaunchKind.Tile) => Grid(first),
        (LaunchKind.Tile, _) => Grid(last),
        _ when first.Launch is { Barrier: true } => $"{first.Place} reads neighbouring rows",
        var (a, b) when a != b => "one works along the tokens, the other along the features",
        (LaunchKind.Columns, _) => $"{before.Width} columns against {after.Width}",
        _ => Rows(before.Length, after.Length),
    });

    /// <summary>Between two kernels of a launch.</summary>
    public void Kernels(Instr last, Instr first, bool sameShape, bool sameAxis)
    {
        var (a, b) = (FusedKernel.Of(last), FusedKernel.Of(first));
        Add(last, first, !a.Width.Equals(b.Width) ? $"rows of {a.Width} against rows of {b.Width}"
            : !sameShape ? Rows(a.Length, b.Length)
            : !sameAxis ? "one reduces over the tokens, the other over the features"
            : "each sums the gradient of a parameter");
    }

    private static string Rows(DimExpr a, DimExpr b) => $"{a} rows of a sample against {b}";

    private static string Grid(Instr tile) => $"{tile.Place} has a grid of its own ({tile.Launch!.Units} units)";

    private void Add(Instr before, Instr after, string reason)
    {
        // Of launches of one tile operator there is nothing to fuse, and sums of gradients are no nodes of the user's.
        if (before.Path == after.Path || before.Node is null || after.Node is null)
        {
            return;
        }

        var (member, other) = backward ? (before, after) : (after, before);
        graph.Notes.Add(Problem.Of("GRAPH081", member.Place, member.Place, other.Place, reason));
    }
}
