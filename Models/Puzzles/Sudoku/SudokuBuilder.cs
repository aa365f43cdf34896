namespace Graph.Models.Puzzles;

/// <summary>Builds a Sudoku data set in TRM's format; the draws are those of TRM's builder under <c>numpy.random.seed(Seed)</c>.</summary>
/// <remarks>Tokens are stored as uint8 (TRM's are int64 where it augments; its loader takes both). Every puzzle has identifier 0.</remarks>
public static class SudokuBuilder
{
    /// <exception cref="GraphException">An option is out of range, a file is malformed, or the data set cannot be written.</exception>
    public static BuildSummary Build(SudokuBuildOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Augmentations < 0)
        {
            throw new GraphException($"{options.Augmentations} augmentations, expected 0 or more");
        }

        // Both files are read before anything is written.
        var train = Read(options.TrainFile, options);
        var test = Read(options.TestFile, options);
        var random = new NumpyRandomState(options.Seed);
        train = Subsample.Draw(train, options.SubsampleSize, random);
        var trainSummary = Write(options, "train", train, options.Augmentations, random);
        test = Subsample.Draw(test, options.TestSubsampleSize, random);
        var testSummary = Write(options, "test", test, 0, random);
        IdentifierList.Save(Path.Combine(options.OutputDirectory, IdentifierList.FileName), [IdentifierList.Blank]);
        return new BuildSummary(trainSummary, testSummary, Identifiers: 1);
    }

    private static List<SudokuPuzzle> Read(string file, SudokuBuildOptions options)
    {
        var puzzles = SudokuCsv.Read(file, options.Shape);
        if (options.MinDifficulty is { } lowest)
        {
            puzzles.RemoveAll(puzzle => puzzle.Rating < lowest);
        }

        return puzzles.Count > 0
            ? puzzles
            : throw new GraphException($"{file}: puzzles, expected at least one{(options.MinDifficulty is { } low ? $" with a rating of {low} or more" : "")}");
    }

    private static SplitSummary Write(SudokuBuildOptions options, string split, List<SudokuPuzzle> puzzles, int augmentations, NumpyRandomState random)
    {
        var cells = options.Shape.Cells;
        using var writer = new SplitWriter(options.OutputDirectory, split, puzzles.Count * (1L + augmentations), cells);
        var symmetry = new SudokuSymmetry(options.Shape);
        Span<byte> question = stackalloc byte[cells];
        Span<byte> answer = stackalloc byte[cells];
        for (var i = 0; i < puzzles.Count; i++)
        {
            for (var form = 0; form <= augmentations; form++)
            {
                puzzles[i].Question.CopyTo(question);
                puzzles[i].Answer.CopyTo(answer);
                if (form > 0)
                {
                    symmetry.Shuffle(random);
                    symmetry.Apply(puzzles[i].Question, question);
                    symmetry.Apply(puzzles[i].Answer, answer);
                }

                SudokuTokens.Encode(question);
                SudokuTokens.Encode(answer);
                writer.Example(question, answer);
                writer.EndPuzzle(identifier: 0);
            }

            writer.EndGroup();
            options.Progress?.Invoke(new BuildProgress($"writing {split}", i + 1, puzzles.Count));
        }

        return writer.Commit(options.Shape.Vocabulary, identifiers: 1, countGroups: true);
    }
}
