using System.Diagnostics;
using System.Runtime.InteropServices;
using Graph.Models.Puzzles;
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
    private readonly List<Metrics> history = [];
    private double loss = double.NaN;

    private Run(Options options, Screen screen)
    {
        this.options = options;
        this.screen = screen;
        clock = Stopwatch.StartNew();
        screen.Progress("making puzzles");
        puzzles = Puzzles.Of(options);
        screen.Line($"{puzzles.Train.Count:N0} training, {puzzles.Validation.Count} validation, {puzzles.HeldOut.Count:N0} held-out puzzles: {Puzzles.Source(options)}");
        learner = new Learner(options, puzzles);
        screen.Line($"{learner.Model.Name} {learner.Model.Size}: {learner.Model.ParameterCount:N0} parameters, {options.Threads} threads, batch {options.Batch}");
        metrics = Open(options.Folder);
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

    private (Summary Summary, string Example) Go()
    {
        var steps = Train();
        screen.Progress("final evaluation");
        var final = learner.Evaluate(puzzles.HeldOut);
        var summary = new Summary
        {
            Model = learner.Model.Name,
            Size = learner.Model.Size,
            Parameters = learner.Model.ParameterCount,
            Device = "cpu",
            Threads = options.Threads,
            Seed = options.Seed,
            Batch = options.Batch,
            Lr = options.Lr,
            Steps = steps,
            Seconds = Math.Round(clock.Elapsed.TotalSeconds, 2),
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
        Curves.Write(Path.Combine(options.Folder, "curves.svg"), $"{summary.Model} {summary.Size}, {summary.Parameters:N0} parameters, {summary.Threads} CPU threads, {summary.Seconds:F0} s", history);
        return (summary, Screen.SideBySide(puzzles.Shape, puzzles.HeldOut[0], final.First));
    }

    private long Train()
    {
        var limit = TimeSpan.FromMinutes(options.Minutes);
        var begin = clock.Elapsed;
        var pause = TimeSpan.FromSeconds(Math.Clamp(limit.TotalSeconds / 12, 2, 60));
        var next = begin + pause;
        var validation = "";
        long step = 0;

        // One step at least, so that there is a loss to report.
        while (step == 0 || (clock.Elapsed < limit && !learner.Finished))
        {
            var now = learner.Step();
            step++;
            loss = double.IsNaN(loss) ? now : loss + 0.02 * (now - loss);
            if (step % 50 == 0)
            {
                Record(new Metrics(step, Math.Round(clock.Elapsed.TotalSeconds, 2), loss));
            }

            var rate = step / (clock.Elapsed - begin).TotalSeconds;
            screen.Progress($"{Clock(clock.Elapsed)} of {Clock(limit)}  step {step:N0}  {rate:F1}/s  loss {loss:F4}{validation}");
            if (clock.Elapsed < next)
            {
                continue;
            }

            var score = learner.Evaluate(puzzles.Validation);
            Record(new Metrics(step, Math.Round(clock.Elapsed.TotalSeconds, 2), loss, score.Cells, score.Exact));
            validation = $"  exact {score.Exact:P1}  cells {score.Cells:P1}";
            next = clock.Elapsed + pause;
            if (score.Exact >= Enough)
            {
                screen.Line($"validation {score.Exact:P1} exact after {step:N0} steps: enough");
                break;
            }
        }

        return step;
    }

    private void Record(Metrics line)
    {
        line.Write(metrics);
        history.Add(line);
    }

    private static string Clock(TimeSpan time) => $"{(int)time.TotalMinutes}:{time.Seconds:00}";

    private static MetricsLog Open(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return MetricsLog.Create(Path.Combine(folder, "metrics.jsonl"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GraphException($"--out {folder}: cannot be written: {e.Message}");
        }
    }
}
