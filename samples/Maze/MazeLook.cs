using Graph.Samples.Commands;
using MazePuzzle = Graph.Models.Puzzles.Maze;

namespace Graph.Samples.Maze;

/// <summary>Dark walls, a coloured path, and the letters of start and goal.</summary>
internal sealed class MazeLook : PuzzleLook
{
    public override CellLook? Of(int token) => token switch
    {
        MazePuzzle.Wall => new CellLook("#444444"),
        MazePuzzle.Open => new CellLook("#ffffff"),
        MazePuzzle.Start => new CellLook("#9fd8a4", "S"),
        MazePuzzle.Goal => new CellLook("#f0a8a0", "G"),
        MazePuzzle.Path => new CellLook("#f2b134"),
        _ => null,
    };
}
