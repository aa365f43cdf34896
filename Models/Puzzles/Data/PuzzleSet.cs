namespace Graph.Models.Puzzles;

/// <summary>One set of a split on disk: examples belong to puzzles, puzzles to groups (one original with all its augmentations).</summary>
/// <remarks>Inputs and labels stay on disk, memory-mapped; reading is safe from any number of threads.</remarks>
public sealed class PuzzleSet : IDisposable
{
    /// <summary>The label of cells that are no target, as the trainer expects it.</summary>
    public const int IgnoredLabel = -100;

    private readonly NpyArray inputs;
    private readonly NpyArray labels;
    private readonly DataSetMetadata metadata;
    private readonly int[] puzzleIdentifiers;
    private readonly int[] puzzleIndices;
    private readonly int[] groupIndices;

    /// <param name="folder">The split's folder.</param>
    /// <param name="file">First part of the file names.</param>
    /// <param name="name">Name of the set, which differs from <paramref name="file"/> for the second data set and following.</param>
    /// <param name="metadata">Of this folder.</param>
    /// <exception cref="GraphException">A file is missing or malformed, or two files do not fit together.</exception>
    internal PuzzleSet(string folder, string file, string name, DataSetMetadata metadata)
    {
        Name = name;
        this.metadata = metadata;
        puzzleIdentifiers = Vector("puzzle_identifiers");
        puzzleIndices = Offsets("puzzle_indices");
        groupIndices = Offsets("group_indices");
        Check(Array("puzzle_identifiers"), puzzleIdentifiers.Length == Puzzles, $"{Puzzles} elements, one fewer than {Array("puzzle_indices")} has, found {puzzleIdentifiers.Length}");
        Check(Array("group_indices"), groupIndices[^1] == Puzzles, $"{Puzzles} puzzles as last element, found {groupIndices[^1]}");
        var bad = puzzleIdentifiers.AsSpan().IndexOfAnyExceptInRange(0, metadata.NumPuzzleIdentifiers - 1);
        Check(Array("puzzle_identifiers"), bad < 0, $"identifiers 0 to {metadata.NumPuzzleIdentifiers - 1}, found {(bad < 0 ? 0 : puzzleIdentifiers[bad])} at element {bad}");
        inputs = NpyArray.Open(Array("inputs"));
        try
        {
            labels = NpyArray.Open(Array("labels"));
            CheckShape(inputs);
            CheckShape(labels);
        }
        catch
        {
            Dispose();
            throw;
        }

        string Array(string what) => Path.Combine(folder, $"{file}__{what}.npy");

        int[] Vector(string what)
        {
            using var array = NpyArray.Open(Array(what));
            return array.Vector();
        }

        int[] Offsets(string what)
        {
            var offsets = Vector(what);
            Check(Array(what), offsets.Length > 0 && offsets[0] == 0, "0 as first element");
            for (var i = 1; i < offsets.Length; i++)
            {
                Check(Array(what), offsets[i] > offsets[i - 1], $"rising offsets, found {offsets[i]} after {offsets[i - 1]} at element {i}");
            }

            return offsets;
        }
    }

    /// <summary>As in <c>dataset.json</c>; a set of the second path and following has the number of its path behind it (<c>all1</c>).</summary>
    public string Name { get; }

    public int Groups => groupIndices.Length - 1;

    public int Puzzles => puzzleIndices.Length - 1;

    public int Examples => puzzleIndices[^1];

    /// <summary>[Groups + 1]: where each group's puzzles begin.</summary>
    public ReadOnlySpan<int> GroupIndices => groupIndices;

    /// <summary>[Puzzles + 1]: where each puzzle's examples begin.</summary>
    public ReadOnlySpan<int> PuzzleIndices => puzzleIndices;

    /// <summary>[Puzzles].</summary>
    public ReadOnlySpan<int> PuzzleIdentifiers => puzzleIdentifiers;

    /// <summary>The puzzle that an example belongs to.</summary>
    public int PuzzleOf(int example)
    {
        var at = System.Array.BinarySearch(puzzleIndices, example);
        return at >= 0 ? at : ~at - 1;
    }

    /// <summary>Reads one example.</summary>
    /// <param name="example">0 to <see cref="Examples"/> - 1.</param>
    /// <param name="tokens">[SeqLen].</param>
    /// <param name="targets">[SeqLen]; cells that are no target get <see cref="IgnoredLabel"/>.</param>
    /// <exception cref="GraphException">A stored number is no token.</exception>
    public void Read(int example, Span<int> tokens, Span<int> targets)
    {
        ReadTokens(inputs, example, tokens);
        labels.Read((long)example * metadata.SeqLen, targets);
        if (metadata.IgnoreLabelId is { } ignored)
        {
            targets.Replace(ignored, IgnoredLabel);
        }

        for (var i = 0; i < targets.Length; i++)
        {
            if ((uint)targets[i] >= (uint)metadata.VocabSize && targets[i] != IgnoredLabel)
            {
                throw BadToken(labels, example, i, targets[i]);
            }
        }
    }

    public void Dispose()
    {
        inputs.Dispose();
        labels?.Dispose();
    }

    private void ReadTokens(NpyArray array, int example, Span<int> tokens)
    {
        array.Read((long)example * metadata.SeqLen, tokens);
        var bad = tokens.IndexOfAnyExceptInRange(0, metadata.VocabSize - 1);
        if (bad >= 0)
        {
            throw BadToken(array, example, bad, tokens[bad]);
        }
    }

    private GraphException BadToken(NpyArray array, int example, int cell, int found) =>
        new($"{array.File}: example {example}, cell {cell}, expected a token 0 to {metadata.VocabSize - 1}, found {found}");

    private void CheckShape(NpyArray array)
    {
        Check(array.File, array.Type != NpyType.F32, "integers, found <f4");
        Check(
            array.File,
            array.Shape.SequenceEqual([Examples, metadata.SeqLen]),
            $"shape ({Examples}, {metadata.SeqLen}), found ({string.Join(", ", array.Shape.ToArray())})");
    }

    private static void Check(string file, bool holds, string expected)
    {
        if (!holds)
        {
            throw new GraphException($"{file}: content, expected {expected}");
        }
    }
}
