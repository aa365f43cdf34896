using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace Graph.Samples.Tests;

/// <summary>Each verb on each benchmark's excerpt, one after the other, as a user runs them.</summary>
public sealed class VerbTests
{
    [Theory]
    [InlineData("arc")]
    [InlineData("maze")]
    [InlineData("sudoku")]
    public void A_resumed_run_ends_with_the_bytes_of_one_that_never_stopped(string kind)
    {
        using var tiny = new TinyRun(kind);
        var (whole, halves) = (tiny.Folder("whole"), tiny.Folder("halves"));
        Assert.Contains("6 steps", tiny.Train("whole"), StringComparison.Ordinal);
        Assert.Contains("paused after step 3 of 6", tiny.Train("halves", "--stop-after", "3"), StringComparison.Ordinal);
        Assert.Contains("goes on after step 3", CommandRun.Good(kind, "train", "--resume", halves), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(TinyRun.Checkpoint(whole, 6)), File.ReadAllBytes(TinyRun.Checkpoint(halves, 6)));
        Assert.Equal(Steps(whole), Steps(halves));
        Assert.Equal(File.ReadAllText(Path.Combine(whole, "config.json")), File.ReadAllText(Path.Combine(halves, "config.json")));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(halves, "tensorboard")).Length);
        using var summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(halves, "summary.json")));
        Assert.Equal(6, summary.RootElement.GetProperty("steps").GetInt32());
        Assert.StartsWith("cpu", summary.RootElement.GetProperty("device").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("arc", "pass@2, single checkpoint: Kaggle", "pass@2, ensemble of 2 checkpoints: TRM", "entropy of its votes")]
    [InlineData("maze", "shortest path, single checkpoint", "some path, ensemble of 2 checkpoints", "cells right")]
    [InlineData("sudoku", "legal grids, single checkpoint", "solved, ensemble of 2 checkpoints", "cells right")]
    public void Evaluation_scores_one_checkpoint_and_several(string kind, string single, string ensemble, string both)
    {
        using var tiny = new TinyRun(kind);
        tiny.Train("run");
        var run = tiny.Folder("run");
        var alone = CommandRun.Good(kind, "evaluate", "--data", tiny.Data, "--checkpoint", run, "--eval-steps", "1", "--limit", "4");
        Assert.Contains(single, alone, StringComparison.Ordinal);
        Assert.Contains(both, alone, StringComparison.Ordinal);
        var together = CommandRun.Good(
            kind, "evaluate", "--data", tiny.Data, "--checkpoint", TinyRun.Checkpoint(run, 6), "--checkpoint", TinyRun.Checkpoint(run, 4), "--eval-steps", "2", "--halt-threshold", "0", "--limit", "2", "--out", tiny.Folder("scores"));
        Assert.Contains(ensemble, together, StringComparison.Ordinal);
        Assert.Contains(both, together, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "evaluation", "evaluation.json")));
        var exact = json.RootElement.GetProperty("exact_accuracy");
        Assert.InRange(exact.GetProperty("value").GetDouble(), exact.GetProperty("low").GetDouble(), exact.GetProperty("high").GetDouble());
        Assert.True(File.Exists(Path.Combine(tiny.Folder("scores"), "evaluation.json")));
        Assert.Equal(kind == "arc", File.Exists(Path.Combine(tiny.Folder("scores"), "submission.json")));

        // As many pictures as examples, and curves of the run.
        var page = XDocument.Load(Path.Combine(tiny.Folder("scores"), "predictions.svg"));
        Assert.Equal(2, page.Descendants().Count(part => part.Name.LocalName == "text" && part.Value.StartsWith("example ", StringComparison.Ordinal)));
        Assert.Equal("svg", XDocument.Load(Path.Combine(run, "curves.svg")).Root!.Name.LocalName);
    }

    [Fact]
    public void Sudoku_is_solved_from_standard_input()
    {
        using var tiny = new TinyRun("sudoku");
        tiny.Train("run");
        var run = CommandRun.OfInput("sudoku", "7..9....1..6...8...54......9...217....38.....4..7.9...3....2..5..8..5.14.......7.\n", "solve", "--checkpoint", tiny.Folder("run"), "--eval-steps", "1");
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("7 . . | 9 . . | . . 1", run.Output, StringComparison.Ordinal);
        Assert.Contains("solved", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Maze_is_solved_from_a_file_of_lines()
    {
        using var tiny = new TinyRun("maze");
        tiny.Train("run");
        var cells = File.ReadLines(Path.Combine(CommandRun.Excerpts, "maze", "test.csv")).ElementAt(1).Split(',')[1];
        var file = tiny.Folder("maze.txt");
        File.WriteAllLines(file, Enumerable.Range(0, 30).Select(row => cells.Substring(30 * row, 30).TrimEnd()));
        var answer = CommandRun.Good("maze", "solve", file, "--checkpoint", tiny.Folder("run"), "--eval-steps", "1");
        var lines = answer.TrimEnd('\n').Split('\n');
        Assert.Equal(31, lines.Length);
        Assert.All(lines[..30], line => Assert.Equal(30, line.Length));
        Assert.Contains("path", lines[30], StringComparison.Ordinal);
    }

    [Fact]
    public void Arc_task_that_was_trained_on_gets_votes_and_another_a_guess()
    {
        using var tiny = new TinyRun("arc");
        tiny.Train("run");
        var task = JsonDocument.Parse(File.ReadAllText(Path.Combine(tiny.Data, "test_puzzles.json"))).RootElement.EnumerateObject().First();
        var file = tiny.Folder(task.Name + ".json");
        File.WriteAllText(file, task.Value.GetRawText());
        var known = CommandRun.Of("arc", "solve", file, "--checkpoint", tiny.Folder("run"), "--eval-steps", "1");
        Assert.Equal(0, known.ExitCode);
        Assert.Contains($"{task.Name}, test 1, answer 1: ", known.Output, StringComparison.Ordinal);
        Assert.Contains("of 3 votes", known.Output, StringComparison.Ordinal);
        var unknown = CommandRun.OfInput("arc", task.Value.GetRawText(), "solve", "--checkpoint", tiny.Folder("run"), "--eval-steps", "1");
        Assert.Equal(0, unknown.ExitCode);
        Assert.Contains("of 1 votes", unknown.Output, StringComparison.Ordinal);
        Assert.Contains("was not trained on", unknown.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("build")]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("solve")]
    public void Help_says_what_a_verb_takes(string verb) => Assert.Contains("Options:", CommandRun.Good("arc", verb, "--help"), StringComparison.Ordinal);

    /// <summary>The log without its times, which differ.</summary>
    private static string[] Steps(string run) =>
        [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => string.Join(',', line.Split(',').Where(field => !field.StartsWith("\"seconds\"", StringComparison.Ordinal))))];
}
