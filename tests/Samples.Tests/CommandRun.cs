using Graph.Samples.Arc;
using Graph.Samples.Commands;
using Graph.Samples.Maze;
using Graph.Samples.Sudoku;
using Xunit;

namespace Graph.Samples.Tests;

/// <summary>One command, run in this process.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    /// <summary>The line that names each benchmark, with what builds its excerpt into a folder.</summary>
    public static string[] Build(string kind, string folder) =>
    [
        "build", .. kind == "arc"
            ? (string[])["--input", Path.Combine(Excerpts, "arc", "arc-agi"), "--subsets", "training,evaluation,concept", "--test-set", "evaluation", "--augmentations", "2"]
            : ["--train", Path.Combine(Excerpts, kind, "train.csv"), "--test", Path.Combine(Excerpts, kind, "test.csv")],
        "--out", folder,
    ];

    /// <summary>tests/data.</summary>
    public static string Excerpts { get; } = Find();

    public static CommandRun Of(string kind, params string[] arguments) => OfInput(kind, "", arguments);

    public static CommandRun OfInput(string kind, string input, params string[] arguments)
    {
        using var reader = new StringReader(input);
        using var output = new StringWriter();
        using var error = new StringWriter();
        PuzzleKind puzzles = kind switch
        {
            "arc" => new ArcKind(),
            "maze" => new MazeKind(),
            _ => new SudokuKind(),
        };
        var exitCode = CommandSurface.Invoke(arguments, puzzles, new Terminal(reader, output, error));
        return new CommandRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs a command that must go well; returns what it printed.</summary>
    public static string Good(string kind, params string[] arguments)
    {
        var run = Of(kind, arguments);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {run.ExitCode}: {run.Error}");
        return run.Output;
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "tests", "data");
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        throw new DirectoryNotFoundException($"tests/data is in no folder above {AppContext.BaseDirectory}.");
    }
}
