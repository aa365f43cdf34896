namespace Graph.Models.Puzzles;

/// <summary>
/// What a predicted path is worth apart from being the stored one: a maze has millions of shortest paths.
/// Moves go to the four neighbours; the frame's edge is a border.
/// </summary>
/// <param name="KeepsMaze">Every cell is as in the question, but for open cells that became path.</param>
/// <param name="Connects">The path cells lead from S to G, and none lies apart from them, on a wall, or on S or G.</param>
/// <param name="Marked">Path cells of the prediction.</param>
/// <param name="ShortestMarked">Path cells of a shortest path: its moves - 1; -1 where no path leads to G.</param>
public readonly record struct MazePath(bool KeepsMaze, bool Connects, int Marked, int ShortestMarked)
{
    /// <summary>A path through the maze of the question, though maybe with detours.</summary>
    public bool IsPath => KeepsMaze && Connects;

    /// <summary>Some shortest path, the stored one or another.</summary>
    public bool IsShortest => IsPath && Marked == ShortestMarked;

    /// <param name="question">[side, side] tokens (<see cref="Maze"/>).</param>
    /// <param name="predicted">[side, side] tokens; any numbers, for a model may predict anything.</param>
    /// <exception cref="GraphException">The question is not a square with one S and one G.</exception>
    public static MazePath Of(ReadOnlySpan<int> question, ReadOnlySpan<int> predicted)
    {
        var side = (int)Math.Sqrt(question.Length);
        if (side * side != question.Length || question.Count(Maze.Start) != 1 || question.Count(Maze.Goal) != 1)
        {
            throw new GraphException($"maze of {question.Length} cells with {question.Count(Maze.Start)} S and {question.Count(Maze.Goal)} G, expected a square with one of each");
        }

        if (predicted.Length != question.Length)
        {
            throw new ArgumentException($"There are {predicted.Length} predicted tokens; expected {question.Length}.", nameof(predicted));
        }

        var (free, path) = (new bool[question.Length], new bool[question.Length]);
        var (keeps, marked) = (true, 0);
        for (var cell = 0; cell < question.Length; cell++)
        {
            var mark = predicted[cell] == Maze.Path;
            marked += mark ? 1 : 0;
            keeps &= predicted[cell] == question[cell] || (mark && question[cell] == Maze.Open);
            free[cell] = question[cell] is Maze.Open or Maze.Start or Maze.Goal;
            path[cell] = (mark && question[cell] == Maze.Open) || question[cell] == Maze.Goal;
        }

        var (start, goal) = (question.IndexOf(Maze.Start), question.IndexOf(Maze.Goal));
        var (moves, _) = Search(free, side, start, goal);
        var (joined, reached) = Search(path, side, start, goal);
        return new MazePath(keeps, joined >= 0 && reached == marked, marked, Math.Max(-1, moves - 1));
    }

    /// <summary>Breadth first: the moves to the goal (-1: out of reach), and the cells between that are reached without crossing it.</summary>
    private static (int Moves, int Reached) Search(ReadOnlySpan<bool> open, int side, int start, int goal)
    {
        Span<int> moves = new int[open.Length];
        Span<int> queue = new int[open.Length];
        Span<int> neighbours = stackalloc int[4];
        moves.Fill(-1);
        moves[start] = 0;
        queue[0] = start;
        var (head, tail) = (0, 1);
        while (head < tail)
        {
            var cell = queue[head++];
            var (row, column) = Math.DivRem(cell, side);
            neighbours[0] = row > 0 ? cell - side : -1;
            neighbours[1] = row < side - 1 ? cell + side : -1;
            neighbours[2] = column > 0 ? cell - 1 : -1;
            neighbours[3] = column < side - 1 ? cell + 1 : -1;
            foreach (var next in neighbours)
            {
                if (next < 0 || !open[next] || moves[next] >= 0)
                {
                    continue;
                }

                moves[next] = moves[cell] + 1;

                // What lies behind the goal is not on the way to it.
                if (next != goal)
                {
                    queue[tail++] = next;
                }
            }
        }

        return (moves[goal], tail - 1);
    }
}
