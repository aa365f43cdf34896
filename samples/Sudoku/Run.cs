using System.Diagnostics;
using System.Runtime.InteropServices;
using Graph.Models.Puzzles;
using Graph.Samples.Commands;
using Graph.Training;

namespace Graph.Samples.Sudoku;

/// <summary>One run from puzzles to <c>summary.json</c>.</summary>
internal sealed class Run : IDisposable
{
    public const double Target = 0.95;
    public const int HeldOutPuzzles = 512;

    /// <summary>Training stops early when validation is this good: above the target by more than the noise of 128 puzzles.</summary>
    private const double Enough = 0.985;

    private readonly Options options;
    private readonly Screen screen;
    private readonly Stopwatch clock;
    private readonly Puzzles puzzles;
    private readonly Learner learner;
    private readonly MetricsLog metrics;
    private readonly CheckpointStore? store;
    private double loss = double.NaN;
    private double secondsBefore;
    private long saved;

    private Run(Options options, Screen screen)
    {
        this.options = options;
        this.screen = screen;
        clock = Stopwatch.StartNew();

        // First: a device that there is not need not wait for puzzles.
        var device = new OpenedDevice(options.Device, options.Threads);
        screen.Progress("making puzzles");
        puzzles = Puzzles.Of(options);
        screen.Line($"{puzzles.Train.Count:N0} training, {puzzles.Validation.Count} validation, {puzzles.HeldOut.Count:N0} held-out puzzles: {Puzzles.Source(options)}");
        learner = new Learner(options, puzzles, device);
        screen.Line($"{learner.Model.Name} {learner.Model.Size}: {learner.Model.ParameterCount:N0} parameters, {options.Threads} threads, batch {options.Batch}");
        var resumed = options.Resume is null ? null : Resume(options.Resume);
        metrics = MetricsFile.Open(options.Folder, resumed?.Step ?? 0);
        store = options.CheckpointEvery == 0 ? null : new CheckpointStore(Path.Combine(options.Folder, Options.CheckpointFolder), options.Keep);
    }

    public static int Start(Options options)
    {
        var (summary, example) = Screen.Show(screen =>
        {
            using var run = new Run(options, screen);
            return run.Go();
        });
        Console.WriteLine();
        Console.WriteLine(example);
        Screen.Results(summary, options.Folder);
        return 0;
    }

    public void Dispose()
    {
        metrics.Dispose();
        learner.Dispose();
    }

    private ResumedRun Resume(string path)
    {
        var run = learner.Resume(path);
        foreach (var notice in run.Notices)
        {
            screen.Line(notice);
        }

        if (options.DiffersFrom(run.State.Configuration))
        {
            screen.Line($"The options are not those of {run.Path}: {run.State.Configuration}");
        }

        var progress = Progress.FromJson(run.Path, run.State.Sampler);
        (loss, secondsBefore, saved) = (progress.TrainLoss, progress.Seconds, run.Step);
        screen.Line($"goes on after step {run.Step:N0} of {run.Path}");
        return run;
    }

    private void Save(CheckpointStore to, double? validation)
    {
        saved = learner.StepCount;
        learner.Save(to, new RunState
        {
            Sampler = new Progress(learner.StepCount, loss, Seconds).ToJson(),
            Configuration = options.ToJson(),
            Validation = validation,
        });
    }

    /// <summary>Time spent, that before a resume included.</summary>
    private double Seconds => Math.Round(secondsBefore + clock.Elapsed.TotalSeconds, 2);

    private (Summary Summary, string Example) Go()
    {
        var steps = Train();
        screen.Progress("final evaluation");
        var page = new PuzzlePage(new SudokuLook(puzzles.Shape), puzzles.HeldOut.Count);
        var final = learner.Evaluate(puzzles.HeldOut, page.Add);
        var summary = new Summary
        {
            Model = learner.Model.Name,
            Size = learner.Model.Size,
            Parameters = learner.Model.ParameterCount,
            Device = learner.Model.Device.Id,
            Threads = options.Threads,
            Seed = options.Seed,
            Batch = options.Batch,
            Lr = options.Lr,
            Steps = steps,
            Seconds = Seconds,
            TrainLoss = loss,
            CellAccuracy = final.Cells,
            BlankAccuracy = final.Blanks,
            ExactAccuracy = final.Exact,
            LegalShare = final.Legal,
            HeldOutPuzzles = puzzles.HeldOut.Count,
            TrainPuzzles = puzzles.Train.Count,
            TargetReached = final.Exact >= Target && puzzles.HeldOut.Count >= HeldOutPuzzles,
            Data = Puzzles.Source(options),
            Runtime = $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}",
        };
        summary.Write(Path.Combine(options.Folder, "summary.json"));
        page.Write(options.Folder);
        Curves.Write(options.Folder, $"{summary.Model} {summary.Size}, {summary.Parameters:N0} parameters, {summary.Threads} CPU threads, {summary.Seconds:F0} s");
        return (summary, Screen.SideBySide(puzzles.Shape, puzzles.HeldOut[0], final.First));
    }

    private long Train()
    {
        var limit = TimeSpan.FromMinutes(options.Minutes);
        var begin = clock.Elapsed;
        var pause = TimeSpan.FromSeconds(Math.Clamp(limit.TotalSeconds / 12, 2, 60));
        var next = begin + pause;
        var validation = "";
        var first = learner.StepCount;
        var step = first;

        // One step at least, so that there is a loss to report; a resumed run has one.
        while (double.IsNaN(loss) || (clock.Elapsed < limit && !learner.Finished))
        {
            var now = learner.Step();
            step = learner.StepCount;
            loss = double.IsNaN(loss) ? now : loss + 0.02 * (now - loss);
            if (step % 50 == 0)
            {
                new Metrics(step, Seconds, loss).Write(metrics);
            }

            var rate = (step - first) / (clock.Elapsed - begin).TotalSeconds;
            screen.Progress($"{Clock(clock.Elapsed)} of {Clock(limit)}  step {step:N0}  {rate:F1}/s  loss {loss:F4}{validation}");
            double? validated = null;
            if (clock.Elapsed >= next)
            {
                var score = learner.Evaluate(puzzles.Validation);
                new Metrics(step, Seconds, loss, score.Cells, score.Exact).Write(metrics);
                validation = $"  exact {score.Exact:P1}  cells {score.Cells:P1}";
                validated = score.Exact;
                next = clock.Elapsed + pause;
            }

            // Weights that were just scored are saved with their score, so that the best are kept.
            if (store is not null && (validated is not null || learner.Finished || step % options.CheckpointEvery == 0))
            {
                Save(store, validated);
            }

            if (validated >= Enough)
            {
                screen.Line($"validation {validated:P1} exact after {step:N0} steps: enough");
                return step;
            }
        }

        // The time is up between two checkpoints.
        if (store is not null && saved < step)
        {
            Save(store, null);
        }

        return step;
    }

    private static string Clock(TimeSpan time) => $"{(int)time.TotalMinutes}:{time.Seconds:00}";
}
