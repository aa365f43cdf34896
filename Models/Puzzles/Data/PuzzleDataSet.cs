namespace Graph.Models.Puzzles;

/// <summary>A split (train or test) of one or several data sets in TRM's format on disk.</summary>
/// <remarks>
/// Several paths are one data set: all describe the same tokens, and their identifiers must not contradict (each name's number is the same
/// wherever it occurs; TRM builds a second set with a first identifier that follows the first set's last).
/// </remarks>
public sealed class PuzzleDataSet : IDisposable
{
    private readonly List<PuzzleSet> sets;

    private PuzzleDataSet(DataSetMetadata metadata, List<PuzzleSet> sets, List<string> identifiers)
    {
        Metadata = metadata;
        this.sets = sets;
        Identifiers = identifiers;
    }

    /// <summary>Of all paths together.</summary>
    public DataSetMetadata Metadata { get; }

    /// <summary>In the order of the paths.</summary>
    public IReadOnlyList<PuzzleSet> Sets => sets;

    /// <summary>[NumPuzzleIdentifiers]: the names.</summary>
    public IReadOnlyList<string> Identifiers { get; }

    /// <summary>Opens one split of one or several folders that hold <c>train</c>, <c>test</c> and <c>identifiers.json</c>.</summary>
    /// <param name="split"><c>train</c> or <c>test</c>.</param>
    /// <param name="directories">The folders.</param>
    /// <exception cref="GraphException">A file is missing or malformed, or two do not fit together.</exception>
    public static PuzzleDataSet Open(string split, params IReadOnlyList<string> directories)
    {
        ArgumentNullException.ThrowIfNull(directories);
        if (directories.Count == 0)
        {
            throw new GraphException("no data set paths, expected at least one");
        }

        var sets = new List<PuzzleSet>();
        try
        {
            DataSetMetadata? all = null;
            var identifiers = new List<string>();
            for (var i = 0; i < directories.Count; i++)
            {
                var folder = Path.Combine(directories[i], split);
                var file = Path.Combine(folder, DataSetMetadata.FileName);
                var metadata = DataSetMetadata.Open(file);
                MergeIdentifiers(identifiers, Path.Combine(directories[i], IdentifierList.FileName), metadata);
                var first = sets.Count;
                foreach (var name in metadata.Sets)
                {
                    sets.Add(new PuzzleSet(folder, name, i == 0 ? name : $"{name}{i}", metadata));
                }

                var groups = sets.Skip(first).Sum(set => (long)set.Groups);
                if (groups != metadata.TotalGroups)
                {
                    throw new GraphException($"{file}: total_groups, expected {groups} as in the sets, found {metadata.TotalGroups}");
                }

                all = all is null ? metadata : Merge(all, metadata, file);
            }

            return new PuzzleDataSet(all! with { Sets = [.. sets.Select(set => set.Name)] }, sets, identifiers);
        }
        catch
        {
            sets.ForEach(set => set.Dispose());
            throw;
        }
    }

    public void Dispose() => sets.ForEach(set => set.Dispose());

    private static DataSetMetadata Merge(DataSetMetadata all, DataSetMetadata next, string file)
    {
        Same("pad_id", all.PadId, next.PadId);
        Same("ignore_label_id", all.IgnoreLabelId, next.IgnoreLabelId);
        Same("blank_identifier_id", all.BlankIdentifierId, next.BlankIdentifierId);
        Same("vocab_size", all.VocabSize, next.VocabSize);
        Same("seq_len", all.SeqLen, next.SeqLen);
        if (int.MaxValue - all.TotalGroups < next.TotalGroups)
        {
            throw new GraphException($"{file}: total_groups, expected fewer than 2^31 in all paths together");
        }

        // Steps are counted as groups times examples a puzzle, so the mean is one over groups.
        var groups = all.TotalGroups + next.TotalGroups;
        var mean = groups == 0 ? 0 : ((all.MeanPuzzleExamples * all.TotalGroups) + (next.MeanPuzzleExamples * next.TotalGroups)) / groups;
        return all with
        {
            NumPuzzleIdentifiers = Math.Max(all.NumPuzzleIdentifiers, next.NumPuzzleIdentifiers),
            TotalGroups = groups,
            MeanPuzzleExamples = mean,
            TotalPuzzles = all.TotalPuzzles + next.TotalPuzzles,
        };

        void Same(string field, int? expected, int? found)
        {
            if (expected != found)
            {
                throw new GraphException($"{file}: {field}, expected {expected?.ToString() ?? "null"} as in the first path, found {found?.ToString() ?? "null"}");
            }
        }
    }

    private static void MergeIdentifiers(List<string> all, string file, DataSetMetadata metadata)
    {
        var names = IdentifierList.Open(file);
        if (names.Count != metadata.NumPuzzleIdentifiers)
        {
            throw new GraphException($"{file}: content, expected {metadata.NumPuzzleIdentifiers} names as num_puzzle_identifiers says, found {names.Count}");
        }

        for (var i = 0; i < names.Count; i++)
        {
            if (i >= all.Count)
            {
                all.Add(names[i]);
            }
            else if (all[i] == IdentifierList.Blank)
            {
                all[i] = names[i];
            }
            else if (names[i] != IdentifierList.Blank && names[i] != all[i])
            {
                throw new GraphException($"{file}: name {i}, expected '{InputFile.Short(all[i])}' as in an earlier path, found '{InputFile.Short(names[i])}'");
            }
        }
    }
}
