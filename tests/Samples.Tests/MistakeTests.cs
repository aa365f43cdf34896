using System.Diagnostics;
using Xunit;

namespace Graph.Samples.Tests;

/// <summary>Every mistake ends with one sentence and exit code 2.</summary>
public sealed class MistakeTests
{
    [Theory]
    [InlineData("train", "--data is missing")]
    [InlineData("train --data DATA --batch none", "--batch: expected a whole number from 1 to 65536, found 'none'")]
    [InlineData("train --data DATA --batch 65536 --micro-batches 65536", "An update of 65536 x 65536 examples with 1 supervision steps is too large")]
    [InlineData("train --data DATA --model gpt", "--model: expected one of trm,")]
    [InlineData("train --data DATA --size huge", "--size: expected one of arc,")]
    [InlineData("train --data DATA --size grid6", "takes 36 cells of 8 tokens; the data have 81 cells of 11")]
    [InlineData("train --data DATA --model trm-mlp --size arc-small", "Model trm-mlp has no size 'arc-small'")]
    [InlineData("train --data DATA --device cuda:x", "Device 'cuda:x' is not known")]
    [InlineData("train --data DATA --steps 5 --epochs 5", "steps and epochs are both given")]
    [InlineData("train --data DATA --config none.json", "--config none.json: there is no such file")]
    [InlineData("train --data DATA --resume none", "--resume none: there is no such file or folder")]
    [InlineData("train --data DATA --resume DATA", "the folder holds no intact checkpoint")]
    [InlineData("train --data DATA --resume DATA --init DATA", "expected one of them")]
    [InlineData("train --data none", "none/train/dataset.json: cannot be read")]
    [InlineData("train --data DATA --wrong", "--wrong")]
    [InlineData("evaluate --data DATA", "--checkpoint")]
    [InlineData("evaluate --data DATA --checkpoint none", "--checkpoint none: there is no such file or folder")]
    [InlineData("evaluate --data DATA --checkpoint DATA/identifiers.json", "identifiers.json")]
    [InlineData("evaluate --data DATA --checkpoint none --limit -1", "--limit -1: expected a number from 0")]
    [InlineData("solve --checkpoint none", "--checkpoint none: there is no such file or folder")]
    [InlineData("build --train none.csv --test none.csv --out DATA", "none.csv: cannot be read")]
    [InlineData("build --train none.csv", "--")]
    [InlineData("build --grid 5 --train none.csv --test none.csv --out DATA", "grid 5, expected 4, 6 or 9")]
    [InlineData("fly", "expected build, train, evaluate or solve, found 'fly'")]
    public void Sudoku_mistake_is_one_sentence(string line, string expected)
    {
        using var tiny = new TinyRun("sudoku");
        Refused(CommandRun.Of("sudoku", [.. line.Split(' ').Select(word => word.Replace("DATA", tiny.Data, StringComparison.Ordinal))]), expected);
    }

    [Fact]
    public void Bad_settings_file_is_named()
    {
        using var tiny = new TinyRun("sudoku");
        var file = tiny.Folder("settings.json");
        foreach (var (text, expected) in new[]
        {
            ("{", "expected valid JSON"), ("[]", "expected a JSON object"), ("""{"bach":2}""", "'bach' is not a setting"), ("""{"batch":"x"}""", "batch: expected a whole number"), ("""{"lr":null}""", "lr: expected a number"),
        })
        {
            File.WriteAllText(file, text);
            var run = CommandRun.Of("sudoku", "train", "--data", tiny.Data, "--config", file);
            Refused(run, expected);
            Assert.Contains("settings.json", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Bad_puzzles_and_used_folders_are_refused()
    {
        using var tiny = new TinyRun("sudoku");
        tiny.Train("run");
        var run = tiny.Folder("run");
        Refused(CommandRun.OfInput("sudoku", "12", "solve", "--checkpoint", run), "expected 81, 36 or 16 cells, found 2");
        Refused(CommandRun.OfInput("sudoku", new string('x', 81), "solve", "--checkpoint", run), "in cell 1, found 'x'");
        Refused(CommandRun.OfInput("sudoku", new string('.', 16), "solve", "--checkpoint", run), "choose another --size");
        Refused(CommandRun.OfInput("maze", "##", "solve", "--checkpoint", run), "expected a square maze with one S and one G");
        Refused(CommandRun.OfInput("maze", "#x", "solve", "--checkpoint", run), "at character 2, found 'x'");
        Refused(CommandRun.OfInput("arc", "{", "solve", "--checkpoint", run), "expected valid JSON");
        Refused(CommandRun.OfInput("arc", "[]", "solve", "--checkpoint", run), "expected an object of tasks");
        Refused(CommandRun.Of("sudoku", ["train", .. tiny.Settings, "--out", run]), "holds checkpoints of another run");
        Refused(CommandRun.Of("sudoku", "train", "--resume", run, "--optimizer", "adamw"), "cannot be resumed");
        using var mazes = new TinyRun("maze");
        Refused(CommandRun.Of("maze", "evaluate", "--data", mazes.Data, "--checkpoint", run), "the data have 900 cells");
        var damaged = TinyRun.Checkpoint(run, 6);
        File.WriteAllBytes(damaged, File.ReadAllBytes(damaged)[..^5]);
        Refused(CommandRun.Of("sudoku", "evaluate", "--data", tiny.Data, "--checkpoint", damaged), "step-000000000006.safetensors");
    }

    [Fact]
    public void Checkpoint_of_other_puzzles_is_refused()
    {
        using var tiny = new TinyRun("arc");
        tiny.Train("run", "--stop-after", "1");
        var other = tiny.Folder("other");
        CommandRun.Good("arc", [.. CommandRun.Build("arc", other), "--seed", "7"]);
        Refused(CommandRun.Of("arc", "evaluate", "--data", other, "--checkpoint", tiny.Folder("run")), "other puzzle identifiers");
        Refused(CommandRun.Of("arc", "train", "--resume", tiny.Folder("run"), "--data", other), "other puzzle identifiers");
    }

    [Theory]
    [InlineData("Arc")]
    [InlineData("Maze")]
    [InlineData("Sudoku")]
    public void Program_ends_with_the_exit_code_and_no_stack_trace(string sample)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, $"Graph.Samples.{sample}.dll"), "solve", "--checkpoint", "none" },
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(2, process.ExitCode);
        Assert.Equal("error: --checkpoint none: there is no such file or folder.\n", error);
    }

    private static void Refused(CommandRun run, string expected)
    {
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
    }
}
