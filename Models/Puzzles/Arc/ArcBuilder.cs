using System.Text;
using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>Builds TRM's ARC data set from Kaggle's combined files: the same names, identifiers, positions and bytes for the same seed.</summary>
/// <remarks>
/// Two passes. The first reads the subsets in order, shuffles the tasks of each and draws their augmented forms; the second writes the splits,
/// drawing for each puzzle which pair stays in the corner, and for each other training pair where it stands. When the first subset is the
/// test subset TRM's own order depends on Python's hash seed; here the training split then comes first, as always.
/// </remarks>
public static class ArcBuilder
{
    /// <summary>Name of the file of held-out tasks, with their outputs, in a data set's folder.</summary>
    public const string TestPuzzlesFileName = "test_puzzles.json";

    /// <exception cref="GraphException">An option is out of range, a file is malformed, or the data set cannot be written.</exception>
    public static BuildSummary Build(ArcBuildOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        var subsets = options.Subsets.Select(subset => ArcTaskFile.OpenSubset(options.InputPrefix, subset)).ToArray();
        CheckNames(options.Subsets, subsets);
        var random = new NumpyRandomState(options.Seed);
        var groups = Augment(options, subsets, random);

        var train = groups.Select(group => new Part(group, group.HeldOut ? group.Task.Train : [.. group.Task.Pairs])).ToArray();
        var test = groups.Where(group => group.HeldOut).Select(group => new Part(group, group.Task.Test)).ToArray();
        var identifiers = options.FirstIdentifier + groups.Sum(group => (long)group.Forms.Count);
        if (identifiers > int.MaxValue)
        {
            throw new GraphException($"{identifiers} puzzle identifiers, expected fewer than 2^31: use fewer augmentations");
        }

        // In the training split every task stands once, in this order, so it is there that all identifiers are given out.
        var next = options.FirstIdentifier;
        foreach (var group in groups)
        {
            group.FirstIdentifier = next;
            next += group.Forms.Count;
        }

        var trainSummary = Write(options, "train", train, next, random);
        var testSummary = Write(options, "test", test, next, random);
        IdentifierList.Save(
            Path.Combine(options.OutputDirectory, IdentifierList.FileName),
            Enumerable.Repeat(IdentifierList.Blank, options.FirstIdentifier).Concat(groups.SelectMany(group => group.Names)));
        SaveTestPuzzles(Path.Combine(options.OutputDirectory, TestPuzzlesFileName), test.Select(part => part.Group.Task));
        return new BuildSummary(trainSummary, testSummary, next);
    }

    private static void Check(ArcBuildOptions options)
    {
        if (options.Augmentations is < 0 or > 1_000_000)
        {
            throw new GraphException($"{options.Augmentations} augmentations, expected 0 to 1000000");
        }

        if (options.FirstIdentifier < 1)
        {
            throw new GraphException($"first identifier {options.FirstIdentifier}, expected 1 or more: 0 is the blank");
        }

        if (!options.Subsets.Contains(options.TestSubset))
        {
            throw new GraphException($"test subset '{options.TestSubset}', expected one of the subsets {string.Join(", ", options.Subsets)}");
        }
    }

    /// <summary>A task that is in two subsets would put its held-out answer into the training split.</summary>
    private static void CheckNames(IReadOnlyList<string> names, List<ArcTask>[] subsets)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < subsets.Length; i++)
        {
            foreach (var task in subsets[i])
            {
                if (!first.TryAdd(task.Name, names[i]))
                {
                    throw new GraphException($"task '{task.Name}' is in the subsets {first[task.Name]} and {names[i]}, expected different tasks: its answers would be trained on");
                }
            }
        }
    }

    private static List<Group> Augment(ArcBuildOptions options, List<ArcTask>[] subsets, NumpyRandomState random)
    {
        var augmenter = new ArcAugmenter(random);
        var groups = new List<Group>();
        var total = subsets.Sum(tasks => tasks.Count);
        for (var i = 0; i < subsets.Length; i++)
        {
            var tasks = subsets[i].ToArray();
            random.Shuffle(tasks.AsSpan());
            foreach (var task in tasks)
            {
                groups.Add(new Group(task, options.Subsets[i] == options.TestSubset, augmenter.Draw(task, options.Augmentations)));
                options.Progress?.Invoke(new BuildProgress("augmenting tasks", groups.Count, total));
            }
        }

        return groups;
    }

    private static SplitSummary Write(ArcBuildOptions options, string split, Part[] parts, int identifiers, NumpyRandomState random)
    {
        var examples = parts.Sum(part => part.Pairs.Count * (long)part.Group.Forms.Count);
        using var writer = new SplitWriter(options.OutputDirectory, split, examples, ArcEncoding.Length);
        Span<byte> input = stackalloc byte[ArcEncoding.Length];
        Span<byte> label = stackalloc byte[ArcEncoding.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var (group, pairs) = parts[i];
            for (var form = 0; form < group.Forms.Count; form++)
            {
                var still = random.RandInt(0, pairs.Count);
                for (var pair = 0; pair < pairs.Count; pair++)
                {
                    var (from, to) = (group.Forms[form].Apply(pairs[pair].Input), group.Forms[form].Apply(pairs[pair].Output));
                    var (row, column) = split == "train" && pair != still ? Place(from, to, random) : (0, 0);
                    ArcEncoding.Encode(from, row, column, input);
                    ArcEncoding.Encode(to, row, column, label);
                    writer.Example(input, label);
                }

                writer.EndPuzzle(group.FirstIdentifier + form);
            }

            writer.EndGroup();
            options.Progress?.Invoke(new BuildProgress($"writing {split}", i + 1, parts.Length));
        }

        return writer.Commit(ArcEncoding.Vocabulary, identifiers, countGroups: false);
    }

    /// <summary>Where input and output stand, both at the same place: uniform over the places at which both fit into the frame.</summary>
    internal static (int Row, int Column) Place(ArcGrid input, ArcGrid output, NumpyRandomState random)
    {
        var row = random.RandInt(0, ArcGrid.MaxSide - Math.Max(input.Height, output.Height) + 1);
        var column = random.RandInt(0, ArcGrid.MaxSide - Math.Max(input.Width, output.Width) + 1);
        return (row, column);
    }

    private static void SaveTestPuzzles(string path, IEnumerable<ArcTask> tasks) => WholeFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, Encoding.ASCII, leaveOpen: true);
        writer.Write('{');
        var between = "";
        foreach (var task in tasks)
        {
            var (train, test) = ($"\"train\": {Pairs(task.Train)}", $"\"test\": {Pairs(task.Test)}");
            writer.Write($"{between}{PythonJson.String(task.Name)}: {{{(task.TestFirst ? test : train)}, {(task.TestFirst ? train : test)}}}");
            between = ", ";
        }

        writer.Write('}');

        static string Pairs(IEnumerable<ArcPair> pairs) =>
            PythonJson.List(pairs.Select(pair => $"{{\"input\": {Grid(pair.Input)}, \"output\": {Grid(pair.Output)}}}"));

        static string Grid(ArcGrid grid) =>
            PythonJson.List(Enumerable.Range(0, grid.Height).Select(row =>
                PythonJson.List(grid.Cells.Slice(row * grid.Width, grid.Width).ToArray().Select(cell => ((char)('0' + cell)).ToString()))));
    });

    /// <summary>A task with its forms, the original first.</summary>
    private sealed class Group(ArcTask task, bool heldOut, List<ArcAugmentation> augmentations)
    {
        public ArcTask Task => task;

        public bool HeldOut => heldOut;

        public IReadOnlyList<ArcAugmentation> Forms { get; } = [ArcAugmentation.None(task.Name), .. augmentations];

        public IEnumerable<string> Names => [task.Name, .. augmentations.Select(form => form.Name)];

        public int FirstIdentifier { get; set; }
    }

    /// <summary>What of a group goes into one split.</summary>
    private sealed record Part(Group Group, IReadOnlyList<ArcPair> Pairs);
}
