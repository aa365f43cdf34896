namespace Graph.Models.Puzzles;

/// <summary>Builds a maze data set in TRM's format. Every maze has identifier 0.</summary>
public static class MazeBuilder
{
    /// <exception cref="GraphException">An option is out of range, a file is malformed, or the data set cannot be written.</exception>
    public static BuildSummary Build(MazeBuildOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);

        // Both files are read before anything is written.
        var train = Read(options.TrainFile);
        var test = Read(options.TestFile);
        if (train[0].Side != test[0].Side)
        {
            throw new GraphException($"{options.TestFile}: question, expected {train[0].Side} rows as in {options.TrainFile}, found {test[0].Side}");
        }

        train = Subsample.Draw(train, options.SubsampleSize, new NumpyRandomState(options.Seed));
        var trainSummary = Write(options, "train", train, options.Dihedral ? Puzzles.Dihedral.Count : 1);
        var testSummary = Write(options, "test", test, 1);
        IdentifierList.Save(Path.Combine(options.OutputDirectory, IdentifierList.FileName), [IdentifierList.Blank]);
        return new BuildSummary(trainSummary, testSummary, Identifiers: 1);
    }

    private static List<Maze> Read(string file)
    {
        var mazes = MazeCsv.Read(file);
        return mazes.Count > 0 ? mazes : throw new GraphException($"{file}: mazes, expected at least one");
    }

    private static SplitSummary Write(MazeBuildOptions options, string split, List<Maze> mazes, int symmetries)
    {
        var side = mazes[0].Side;
        using var writer = new SplitWriter(options.OutputDirectory, split, mazes.Count * (long)symmetries, side * side);
        var (question, answer) = (new byte[side * side], new byte[side * side]);
        for (var i = 0; i < mazes.Count; i++)
        {
            for (var id = 0; id < symmetries; id++)
            {
                var symmetry = new Dihedral(id);
                symmetry.Apply(mazes[i].Question, side, side, question);
                symmetry.Apply(mazes[i].Answer, side, side, answer);
                writer.Example(question, answer);
                writer.EndPuzzle(identifier: 0);
            }

            writer.EndGroup();
            options.Progress?.Invoke(new BuildProgress($"writing {split}", i + 1, mazes.Count));
        }

        return writer.Commit(Maze.Vocabulary, identifiers: 1, countGroups: true);
    }
}
