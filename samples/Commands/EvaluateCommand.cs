using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Graph.Execution.Ilgpu;
using Graph.Models;
using Graph.Models.Puzzles;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary><c>evaluate</c>: scores one checkpoint, or several that vote together, on the held-out split.</summary>
internal static class EvaluateCommand
{
    public static Command Of(PuzzleKind kind, Terminal terminal)
    {
        var data = Flags.Text("--data", "Folder that build wrote.");
        var checkpoints = new Option<string[]>("--checkpoint") { Description = "Checkpoint file, or a run's folder for its best; several: they vote together.", Required = true, AllowMultipleArgumentsPerToken = true };
        var model = ModelFlags.Model();
        var size = ModelFlags.Size();
        var batch = Flags.Number("--batch", "Examples at once.", 8, 1, 65_536);
        var steps = Flags.Number("--eval-steps", "Supervision steps of each example, at most.", 16, 1, 100_000);
        var threshold = Flags.OptionalNumber("--halt-threshold", "An example ends early where its halting logit is above this (0: as in training); default: never.", -1e30, 1e30);
        var limit = Flags.Number("--limit", "First examples of the split only; 0: all.", 0, 0, int.MaxValue);
        var threads = Flags.Number("--threads", "CPU threads; 0: one per core.", 0, 0, 1024);
        var device = new Option<string>("--device") { Description = Devices.Help + ".", DefaultValueFactory = _ => "cpu" };
        var folder = Flags.OptionalText("--out", "Folder for evaluation.json and what else is written; default: evaluation, in the first checkpoint's run.");
        var command = new Command("evaluate", $"Scores checkpoints on the held-out split of a data set of {kind.Name}, with 95 % Wilson intervals.")
        {
            data, checkpoints, model, size, batch, steps, threshold, limit, threads, device, folder,
        };
        command.SetAction(parsed =>
        {
            var paths = parsed.GetRequiredValue(checkpoints).Select(path => RunFolder.Checkpoint(path, "--checkpoint", best: true)).ToArray();
            var source = parsed.GetRequiredValue(data);
            using var split = PuzzleDataSet.Open("test", source);
            using var opened = new OpenedDevice(parsed.GetRequiredValue(device), parsed.GetValue(threads));
            var report = new Report();
            var score = kind.Score(source, paths.Length);
            var most = parsed.GetValue(limit);
            var total = split.Sets.Sum(set => (long)set.Examples);
            terminal.Out.WriteLine($"{(most == 0 ? total : Math.Min(most, total)):N0} of {total:N0} held-out examples, {paths.Length} checkpoint{(paths.Length == 1 ? "" : "s")}, at most {parsed.GetValue(steps)} supervision steps each");
            var page = new PuzzlePage(kind.Look(split.Metadata.SeqLen), (int)(most == 0 ? total : Math.Min(most, total)));
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < paths.Length; i++)
            {
                using var loaded = LoadedModel.Open(paths[i], parsed.GetValue(model), parsed.GetValue(size), parsed.GetValue(batch), opened.Device, parsed.GetValue(threads));
                loaded.Plan.RequireData(loaded.Model.Name, loaded.Model.Size, split.Metadata.SeqLen, split.Metadata.VocabSize);
                loaded.RequireIdentifiers(paths[i], source, split.Identifiers);
                var evaluator = new Evaluator(loaded.Model, loaded.Puzzles, parsed.GetValue(steps), parsed.GetValue(threshold) ?? double.PositiveInfinity);
                score.BeginCheckpoint();
                var next = TimeSpan.FromSeconds(5);
                var result = Evaluation.Run(evaluator, split, loaded.Model.Batch, loaded.Puzzles is not null, most, i == 0 ? (SampleSink)score.Add + page.Add : score.Add, done =>
                {
                    if (clock.Elapsed >= next)
                    {
                        next = clock.Elapsed + TimeSpan.FromSeconds(5);
                        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done:N0} examples, {clock.Elapsed.TotalSeconds:F0} s"));
                    }
                });
                Add(report, paths.Length == 1 ? "" : $"_{i + 1}", paths[i], result);
            }

            report.Add("examples", "examples, seconds", string.Create(CultureInfo.InvariantCulture, $"{(most == 0 ? total : Math.Min(most, total))} of {total}, {clock.Elapsed.TotalSeconds:F1}"));
            score.End(report);
            report.Print(terminal.Out);
            Write(parsed.GetValue(folder) ?? Folder(paths[0]), report, score, page, terminal);
            return 0;
        });
        return command;
    }

    private static void Add(Report report, string suffix, string path, EvaluationResult result)
    {
        report.Add("checkpoint" + suffix, "checkpoint", path);
        report.Add("exact_accuracy" + suffix, "examples wholly right", new Share(result.Exact, result.Count));
        report.Add("cell_accuracy" + suffix, "cells right (not independent)", new Share(result.RightCells, result.Cells));
        report.Add("mean_steps" + suffix, "supervision steps, mean", result.Count == 0 ? 0 : (double)result.Steps / result.Count, "0.00");
        report.Add("loss" + suffix, "cross entropy of a cell", result.Count == 0 ? 0 : result.LmLoss / result.Count, "0.0000");
    }

    /// <summary>In the checkpoint's run; beside a file that was put elsewhere.</summary>
    private static string Folder(string checkpoint) =>
        Path.Combine(RunFolder.RunOf(checkpoint) ?? Path.GetDirectoryName(Path.GetFullPath(checkpoint))!, "evaluation");

    private static void Write(string folder, Report report, PuzzleScore score, PuzzlePage page, Terminal terminal)
    {
        Directory.CreateDirectory(folder);
        report.Write(Path.Combine(folder, "evaluation.json"));
        page.Write(folder);
        string[] files = ["evaluation.json", .. score.Write(folder), PuzzlePage.FileName];
        terminal.Out.WriteLine($"written to {folder}: {string.Join(", ", files)}");
    }
}
