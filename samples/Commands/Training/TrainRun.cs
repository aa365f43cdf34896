using System.Globalization;
using Graph.Execution;
using Graph.Models;
using Graph.Models.Puzzles;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>One training run, from its first or a resumed step to its summary.</summary>
internal sealed class TrainRun : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly TrainRequest request;
    private readonly TextWriter output;
    private readonly PuzzleDataSet train;
    private readonly PuzzleDataSet? test;
    private readonly RecursiveModel model;
    private readonly Trainer trainer;
    private readonly TrainingStream stream;
    private readonly CheckpointStore store;
    private readonly RunLog log;
    private EvaluationResult? evaluation;
    private double loss = double.NaN;
    private long saved = -1;
    private double nextLine;
    private volatile bool cancelled;

    /// <param name="request">What to do.</param>
    /// <param name="train">The training split; not disposed here.</param>
    /// <param name="device">Where; not disposed here.</param>
    /// <param name="output">Takes progress.</param>
    public TrainRun(TrainRequest request, PuzzleDataSet train, Device device, TextWriter output)
    {
        (this.request, this.train, this.output) = (request, train, output);
        var settings = request.Settings;
        test = settings.EvalEvery > 0 ? PuzzleDataSet.Open("test", settings.Data) : null;
        model = ShippedModels.Create(settings.Model, settings.Size, settings.Batch, device: device);
        Initializer.Fill(model, settings.Seed);
        trainer = new Trainer(model, settings.TrainerOptions(train.Metadata));
        stream = new TrainingStream(train, settings);
        if (request.Init is not null)
        {
            Checkpoint.WarmStart(trainer, request.Init);
        }

        var resumed = request.Resume is null ? null : Resume(request.Resume);
        store = new CheckpointStore(RunFolder.Checkpoints(request.Out), settings.Keep);
        log = new RunLog(request.Out, resumed?.Step);
        WholeFile.Write(RunFolder.Configuration(request.Out), file => file.Write(System.Text.Encoding.UTF8.GetBytes(settings.ToJson(indented: true) + "\n")));
        output.WriteLine($"{model.Name} {model.Size}: {model.ParameterCount:N0} parameters on {device.Id}, {train.Metadata.TotalGroups:N0} groups, {trainer.Options.TotalSteps:N0} steps of {settings.Slots} examples");
    }

    public void Go()
    {
        ConsoleCancelEventHandler stop = (_, e) => e.Cancel = cancelled = true;
        Console.CancelKeyPress += stop;
        try
        {
            while (!trainer.Finished && trainer.StepCount < request.StopAfter && !cancelled)
            {
                Step();
            }
        }
        finally
        {
            Console.CancelKeyPress -= stop;
        }

        if (saved < trainer.StepCount)
        {
            Save(null);
        }

        new RunSummary(model, request.Settings, trainer.StepCount, log.Seconds, loss, evaluation).Write(RunFolder.Summary(request.Out));
        Curves.Write(request.Out, string.Create(CultureInfo.InvariantCulture, $"{model.Name} {model.Size}, {model.ParameterCount:N0} parameters, {trainer.StepCount:N0} steps, {log.Seconds:F0} s"));
        output.WriteLine(trainer.Finished
            ? $"{trainer.StepCount:N0} steps, {log.Seconds:F1} s, written to {request.Out}"
            : $"paused after step {trainer.StepCount:N0} of {trainer.Options.TotalSteps:N0}; go on with --resume {request.Out}");
    }

    public void Dispose()
    {
        log.Dispose();
        model.Dispose();
        test?.Dispose();
    }

    private ResumedRun Resume(string file)
    {
        // A folder's newest file may be damaged; the store passes it over and says so.
        var run = request.ResumeStore is null ? Checkpoint.Resume(trainer, file) : new CheckpointStore(request.ResumeStore).Resume(trainer)!;
        foreach (var notice in run.Notices)
        {
            output.WriteLine(notice);
        }

        stream.Seek(run.Path, run.State.Sampler);
        if (!run.State.Identifiers.SequenceEqual(train.Identifiers))
        {
            throw new GraphException($"{run.Path} was trained with other puzzle identifiers than those of {request.Settings.Data}: its puzzle vectors would go to other puzzles.");
        }

        output.WriteLine($"goes on after step {run.Step:N0} of {run.Path}");
        saved = run.Step;
        return run;
    }

    private void Step()
    {
        var settings = request.Settings;
        stream.Draw();
        var result = trainer.Step(stream.Tokens, stream.Labels, trainer.Puzzles is null ? [] : stream.PuzzleIds);
        loss = result.LmLoss / stream.PuzzleIds.Length;
        var step = result.Step;
        if (step % settings.LogEvery == 0 || trainer.Finished)
        {
            Record(result);
        }

        double? validation = null;
        if (test is not null && (step % settings.EvalEvery == 0 || trainer.Finished))
        {
            validation = Evaluate(test);
        }

        if (validation is not null || (settings.CheckpointEvery > 0 && step % settings.CheckpointEvery == 0))
        {
            Save(validation);
        }

        if (log.Seconds >= nextLine || trainer.Finished)
        {
            nextLine = log.Seconds + Interval.TotalSeconds;
            var score = evaluation is { } last ? $"  held out: exact {last.ExactAccuracy:P1}, cells {last.CellAccuracy:P1}" : "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {step:N0}  {log.Seconds:F0} s  loss {loss:F4}{score}"));
        }
    }

    private void Record(TrainStepResult result)
    {
        var values = new List<Scalar>
        {
            new("train_loss", loss),
            new("halt_loss", result.HaltLoss / stream.PuzzleIds.Length),
            new("learning_rate", result.LearningRate),
        };
        if (result.Count > 0)
        {
            values.Add(new("train_cell_accuracy", result.Accuracy / result.Count));
            values.Add(new("train_exact_accuracy", (double)result.Exact / result.Count));
            values.Add(new("train_halt_steps", (double)result.Steps / result.Count));
        }

        if (trainer.Options.ClipNorm > 0)
        {
            values.Add(new("gradient_norm", result.GradientNorm));
        }

        log.Write(result.Step, [.. values]);
    }

    /// <summary>Scores the averaged weights; returns what the best checkpoint is chosen by.</summary>
    private double Evaluate(PuzzleDataSet held)
    {
        EvaluationResult result;
        using (trainer.UseAveraged())
        {
            var evaluator = new Evaluator(model, trainer.Puzzles, request.Settings.EvalSteps);
            result = Evaluation.Run(evaluator, held, request.Settings.Batch, trainer.Puzzles is not null, request.Settings.EvalLimit, sink: null);
        }

        evaluation = result;
        log.Write(trainer.StepCount, new("exact_accuracy", result.ExactAccuracy), new("cell_accuracy", result.CellAccuracy), new("eval_loss", result.Count == 0 ? 0 : result.LmLoss / result.Count));

        // Puzzles decide; cells only between runs that solve equally many, as early ones that solve none.
        return result.ExactAccuracy + (result.CellAccuracy * 1e-7);
    }

    private void Save(double? validation)
    {
        saved = trainer.StepCount;
        store.Save(trainer, new RunState
        {
            Sampler = stream.Position,
            Configuration = request.Settings.ToJson(indented: false),
            Identifiers = train.Identifiers,
            Validation = validation,
        });
    }
}
