using Graph.Models.Puzzles;
using Graph.Samples.Commands;

namespace Graph.Samples.Arc;

/// <summary>ARC's ten colours, as its own site shows them; the end tokens are a light border.</summary>
internal sealed class ArcLook : PuzzleLook
{
    private static readonly string[] Colours = ["#000000", "#0074d9", "#ff4136", "#2ecc40", "#ffdc00", "#aaaaaa", "#f012be", "#ff851b", "#7fdbff", "#870c25"];

    public override CellLook? Of(int token) => token switch
    {
        <= ArcEncoding.Pad => null,
        ArcEncoding.End => new CellLook("#eeeeee"),
        _ => new CellLook(Colours[token - ArcEncoding.FirstColour]),
    };
}
