namespace Graph.Models.Puzzles;

/// <summary>A square maze and its marked path, as tokens: 1 wall, 2 open, 3 start, 4 goal, 5 path; 0 is the pad.</summary>
/// <param name="Question">[side * side], row by row.</param>
/// <param name="Answer">[side * side]: the question with the cells strictly between start and goal marked.</param>
/// <param name="Rating">Cells of a shortest path, start and goal included; 0 where the data state none.</param>
public sealed record Maze(byte[] Question, byte[] Answer, int Rating = 0)
{
    /// <summary>Character of each token, from token 1.</summary>
    public const string Characters = "# SGo";

    public const byte Wall = 1;
    public const byte Open = 2;
    public const byte Start = 3;
    public const byte Goal = 4;
    public const byte Path = 5;

    /// <summary>The pad and the characters.</summary>
    public const int Vocabulary = 6;

    /// <summary>Rows, and columns.</summary>
    public int Side => (int)Math.Sqrt(Question.Length);
}
