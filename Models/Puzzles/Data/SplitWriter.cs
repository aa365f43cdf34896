namespace Graph.Models.Puzzles;

/// <summary>Writes one split, set <c>all</c>, in TRM's format: examples as they come, then the offsets, then <c>dataset.json</c>.</summary>
/// <remarks>Tokens are stored as uint8, so a full ARC build never stands in memory.</remarks>
internal sealed class SplitWriter : IDisposable
{
    public const string SetName = "all";

    private readonly string folder;
    private readonly int seqLen;
    private readonly NpyWriter inputs;
    private readonly NpyWriter labels;
    private readonly List<int> puzzleIdentifiers = [];
    private readonly List<int> puzzleIndices = [0];
    private readonly List<int> groupIndices = [0];
    private int examples;

    /// <exception cref="GraphException">The folder or its files cannot be written.</exception>
    public SplitWriter(string directory, string split, long examples, int seqLen)
    {
        folder = Path.Combine(directory, split);
        this.seqLen = seqLen;
        if (examples is 0 or > int.MaxValue)
        {
            throw new GraphException($"{folder}: {examples} examples, expected 1 to {int.MaxValue}");
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GraphException($"{folder}: cannot be created: {e.Message}");
        }

        inputs = new NpyWriter(ArrayFile("inputs"), NpyType.U8, [examples, seqLen]);
        try
        {
            labels = new NpyWriter(ArrayFile("labels"), NpyType.U8, [examples, seqLen]);
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    /// <summary>Adds an example, [seqLen] tokens each, to the puzzle that <see cref="EndPuzzle"/> will end.</summary>
    public void Example(ReadOnlySpan<byte> input, ReadOnlySpan<byte> label)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Length, seqLen);
        inputs.Write(input);
        labels.Write(label);
        examples++;
    }

    public void EndPuzzle(int identifier)
    {
        puzzleIdentifiers.Add(identifier);
        puzzleIndices.Add(examples);
    }

    public void EndGroup() => groupIndices.Add(puzzleIdentifiers.Count);

    /// <summary>Completes the split.</summary>
    /// <param name="vocabulary">Number of tokens; 0 is the pad and the ignored label.</param>
    /// <param name="identifiers">Number of identifiers, the blank (0) included.</param>
    /// <param name="countGroups">True: <c>total_puzzles</c> counts groups and the mean is 1, as TRM writes it for Sudoku and Maze.</param>
    /// <exception cref="GraphException">The disk refused.</exception>
    public SplitSummary Commit(int vocabulary, int identifiers, bool countGroups)
    {
        // Between here and the end the folder holds files of two builds: without dataset.json nobody opens it.
        var metadata = Path.Combine(folder, DataSetMetadata.FileName);
        Delete(metadata);
        inputs.Commit();
        labels.Commit();
        NpyWriter.Save(ArrayFile("puzzle_identifiers"), puzzleIdentifiers.ToArray());
        NpyWriter.Save(ArrayFile("puzzle_indices"), puzzleIndices.ToArray());
        NpyWriter.Save(ArrayFile("group_indices"), groupIndices.ToArray());
        var summary = new SplitSummary(groupIndices.Count - 1, puzzleIdentifiers.Count, examples);
        new DataSetMetadata(
            PadId: 0,
            IgnoreLabelId: 0,
            BlankIdentifierId: 0,
            vocabulary,
            seqLen,
            identifiers,
            summary.Groups,
            countGroups ? 1 : summary.Examples / (double)summary.Puzzles,
            countGroups ? summary.Groups : summary.Puzzles,
            [SetName]).Save(metadata);
        return summary;
    }

    public void Dispose()
    {
        inputs.Dispose();
        labels.Dispose();
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphException($"{path}: cannot be replaced: {e.Message}");
        }
    }

    private string ArrayFile(string what) => Path.Combine(folder, $"{SetName}__{what}.npy");
}
