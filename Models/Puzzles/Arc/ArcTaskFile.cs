using System.Text.Json;

namespace Graph.Models.Puzzles;

/// <summary>Reads Kaggle's combined files: <c>PREFIX_SUBSET_challenges.json</c> with <c>PREFIX_SUBSET_solutions.json</c>, and <c>test_puzzles.json</c>.</summary>
public static class ArcTaskFile
{
    /// <summary>What stands for an output that no file gives, as in TRM: the grid of one black cell.</summary>
    public static ArcGrid UnknownOutput { get; } = new(1, 1, [0]);

    /// <summary>Reads the tasks of a subset in the order of the file, with the solutions where their file exists.</summary>
    /// <param name="prefix">Path and first part of the names, such as <c>data/arc-agi</c>.</param>
    /// <param name="subset">Such as <c>training</c>, <c>evaluation</c>, <c>concept</c>, <c>training2</c>, <c>evaluation2</c>.</param>
    /// <exception cref="GraphException">A file is missing or malformed: <c>file: task, field, expected ...</c>.</exception>
    public static List<ArcTask> OpenSubset(string prefix, string subset)
    {
        var challenges = $"{prefix}_{subset}_challenges.json";
        var solutions = $"{prefix}_{subset}_solutions.json";
        return File.Exists(solutions)
            ? Parse(challenges, InputFile.Bytes(challenges), solutions, InputFile.Bytes(solutions))
            : Open(challenges);
    }

    /// <summary>Reads one file of tasks, such as <c>test_puzzles.json</c>.</summary>
    /// <exception cref="GraphException">The file is missing or malformed.</exception>
    public static List<ArcTask> Open(string path) => Parse(path, InputFile.Bytes(path));

    /// <summary>Reads tasks from memory; a test without an output gets <see cref="UnknownOutput"/>.</summary>
    /// <exception cref="GraphException">Malformed.</exception>
    public static List<ArcTask> Parse(string file, ReadOnlySpan<byte> json) =>
        InputFile.Json(file, json, (ref Utf8JsonReader reader) => new ArcTaskReader(file).Tasks(ref reader));

    /// <summary>Reads challenges and solutions from memory.</summary>
    /// <exception cref="GraphException">Malformed, or the solutions are of other tasks.</exception>
    public static List<ArcTask> Parse(string challengesFile, ReadOnlySpan<byte> challenges, string solutionsFile, ReadOnlySpan<byte> solutions)
    {
        var tasks = Parse(challengesFile, challenges);
        var outputs = InputFile.Json(solutionsFile, solutions, (ref Utf8JsonReader reader) => new ArcTaskReader(solutionsFile).Solutions(ref reader));
        for (var i = 0; i < tasks.Count; i++)
        {
            var task = tasks[i];
            if (!outputs.TryGetValue(task.Name, out var grids) || grids.Count != task.Test.Count)
            {
                throw new GraphException($"{solutionsFile}: task '{task.Name}', solutions, expected {task.Test.Count} as in {challengesFile}, found {grids?.Count ?? 0}");
            }

            tasks[i] = task with { Test = [.. task.Test.Zip(grids, (pair, output) => pair with { Output = output })] };
        }

        return tasks;
    }
}
