namespace Graph.Training;

/// <summary>What becomes of a stored puzzle table whose number of rows is not the model's (trm.md 8.5).</summary>
public enum PuzzleResize
{
    /// <summary>The file is refused.</summary>
    Refuse,

    /// <summary>Every row starts as the mean of the stored rows, as in the reference.</summary>
    Mean,

    /// <summary>Rows are drawn from normal distributions with the mean and standard deviation of each stored column.</summary>
    Normal,
}
