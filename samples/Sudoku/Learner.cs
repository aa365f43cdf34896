using Graph.Execution;
using Graph.Models;
using Graph.Models.Puzzles;
using Graph.Samples.Commands;
using Graph.Training;

namespace Graph.Samples.Sudoku;

/// <summary>The model with its trainer, evaluator and endless stream of training samples.</summary>
internal sealed class Learner : IDisposable
{
    private readonly OpenedDevice device;
    private readonly Puzzles puzzles;
    private readonly Trainer trainer;
    private readonly Evaluator evaluator;
    private readonly SudokuSampler sampler;
    private readonly int[] tokens;
    private readonly int[] labels;
    private readonly int[] ids;

    /// <param name="options">Of the run.</param>
    /// <param name="puzzles">All of them.</param>
    /// <param name="device">Closed with the learner.</param>
    public Learner(Options options, Puzzles puzzles, OpenedDevice device)
    {
        this.puzzles = puzzles;
        this.device = device;
        Model = ShippedModels.Create(options.Model, $"grid{options.Grid}", options.Batch, device: device.Device);
        Initializer.Fill(Model, (ulong)options.Seed);
        var small = options.Grid < 9;

        // TRM's published settings for 9x9. The small grids have minutes, not hours: fewer supervision steps, short warm-up, a faster
        // average, and a rate that falls, which is worth one to two points of exact accuracy at the end of a short run.
        var steps = small ? 4 : 16;
        var total = (options.Steps, options.Grid) switch
        {
            (> 0, _) => options.Steps,
            (_, 4) => 2_500,
            (_, 6) => 4_000,
            _ => 1L << 40,
        };
        trainer = new Trainer(Model, new TrainerOptions
        {
            TotalSteps = total,
            LearningRate = options.Lr,
            PuzzleLearningRate = options.Lr,
            WarmupSteps = small ? 50 : 2000,
            MinimumLearningRateRatio = small ? 0.05 : 1,
            EmaRate = small ? 0.995 : 0.999,
            HaltMaxSteps = steps,
            Seed = (ulong)options.Seed,
        });
        evaluator = new Evaluator(Model, trainer.Puzzles, steps);
        sampler = new SudokuSampler(puzzles.Shape, puzzles.Train, (ulong)options.Seed);
        var cells = puzzles.Shape.Cells;
        tokens = new int[Model.Batch * cells];
        labels = new int[Model.Batch * cells];
        ids = trainer.Puzzles is null ? [] : new int[Model.Batch];
    }

    public RecursiveModel Model { get; }

    /// <summary>Optimiser steps taken, those before a resume included.</summary>
    public long StepCount => trainer.StepCount;

    /// <summary>All steps of the schedule are taken.</summary>
    public bool Finished => trainer.Finished;

    /// <summary>Goes on from the newest intact checkpoint of a run's folder, or from one file.</summary>
    /// <exception cref="GraphException">There is none, it is damaged, or it is of another model, size, batch or optimiser.</exception>
    public ResumedRun Resume(string path)
    {
        if (!Directory.Exists(path))
        {
            return File.Exists(path) ? Checkpoint.Resume(trainer, path) : throw new GraphException($"--resume {path}: there is no such file or folder.");
        }

        var inside = Path.Combine(path, Options.CheckpointFolder);
        var folder = Directory.Exists(inside) ? inside : path;
        return new CheckpointStore(folder).Resume(trainer) ?? throw new GraphException($"--resume {path}: {folder} holds no checkpoint, expected files step-*.safetensors.");
    }

    public void Save(CheckpointStore store, RunState state) => store.Save(trainer, state);

    /// <summary>One optimiser step; returns the mean cross entropy of a cell. New samples are drawn only where a slot takes one.</summary>
    public double Step()
    {
        var cells = puzzles.Shape.Cells;
        for (var slot = 0; slot < Model.Batch; slot++)
        {
            if (trainer.Carry.Halted[slot])
            {
                sampler.Draw(trainer.StepCount * Model.Batch + slot, tokens.AsSpan(slot * cells, cells), labels.AsSpan(slot * cells, cells));
            }
        }

        return trainer.Step(tokens, labels, ids).LmLoss / Model.Batch;
    }

    /// <summary>Scores the averaged weights.</summary>
    /// <param name="puzzles">To be solved.</param>
    /// <param name="sink">Takes every prediction; null: only the score is wanted.</param>
    public Score Evaluate(IReadOnlyList<SudokuPuzzle> puzzles, SampleSink? sink = null)
    {
        var cells = this.puzzles.Shape.Cells;
        var questions = new int[puzzles.Count * cells];
        var answers = new int[puzzles.Count * cells];
        var predictions = new int[puzzles.Count * cells];
        for (var i = 0; i < puzzles.Count; i++)
        {
            SudokuTokens.Encode(puzzles[i].Question, questions.AsSpan(i * cells, cells));
            SudokuTokens.Encode(puzzles[i].Answer, answers.AsSpan(i * cells, cells));
        }

        EvaluationResult result;
        using (trainer.UseAveraged())
        {
            result = evaluator.Run(questions, answers, ids.Length == 0 ? [] : new int[puzzles.Count], predictions, (i, predicted, q) =>
                sink?.Invoke(i, IdentifierList.Blank, questions.AsSpan(i * cells, cells), answers.AsSpan(i * cells, cells), predicted, q));
        }

        var score = new SudokuScore(this.puzzles.Shape);
        for (var first = 0; first < questions.Length; first += cells)
        {
            score.Add(questions.AsSpan(first, cells), answers.AsSpan(first, cells), predictions.AsSpan(first, cells));
        }

        var (blanks, right) = (0, 0);
        for (var i = 0; i < questions.Length; i++)
        {
            if (questions[i] == SudokuTokens.Blank)
            {
                blanks++;
                right += predictions[i] == answers[i] ? 1 : 0;
            }
        }

        return new Score(result.CellAccuracy, (double)right / Math.Max(1, blanks), result.ExactAccuracy, score.Legal.Value, [.. predictions.Take(cells).Select(SudokuTokens.Digit)]);
    }

    public void Dispose()
    {
        Model.Dispose();
        device.Dispose();
    }
}
