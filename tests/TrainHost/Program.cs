using System.Globalization;
using Graph.Models;
using Graph.Models.Tests;
using Graph.Training;

// A training program for KillTests: TrainHost FOLDER STEPS EVERY. It goes on from the folder's newest checkpoint, says each step on a line
// of its own and leaves a checkpoint after every EVERY steps and after the last.
const int Batch = 2;
const int Identifiers = 5;
var steps = int.Parse(args[1], CultureInfo.InvariantCulture);
var every = int.Parse(args[2], CultureInfo.InvariantCulture);
using var model = Mamba2Attention.Tiny.Create(Batch, threads: 1);
Initializer.Fill(model, 3);
var trainer = new Trainer(model, new TrainerOptions
{
    TotalSteps = steps, LearningRate = 1e-3, WarmupSteps = 5, HaltMaxSteps = 3, PuzzleIdentifiers = Identifiers, PuzzleLearningRate = 1e-2, Seed = 3,
});
var store = new CheckpointStore(args[0], keep: 2);
var run = store.Resume(trainer);
foreach (var notice in run?.Notices ?? [])
{
    Console.WriteLine("notice " + notice);
}

var data = new TrainingData(model, Batch, Identifiers);
Console.WriteLine($"start {trainer.StepCount}");
while (!trainer.Finished)
{
    var result = data.Step(trainer);
    Console.WriteLine($"step {trainer.StepCount}");
    if (trainer.StepCount % every == 0 || trainer.Finished)
    {
        store.Save(trainer, new RunState
        {
            Sampler = trainer.StepCount.ToString(CultureInfo.InvariantCulture),
            Configuration = $$"""{"every":{{every}}}""",
            Identifiers = ["a", "b", "c", "d", "e"],
            Validation = -result.LmLoss,
        });
    }
}

Console.WriteLine("end");
