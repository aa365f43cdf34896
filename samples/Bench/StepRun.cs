using System.Diagnostics;
using Graph.Execution;
using Graph.Models;
using Graph.Training;

namespace Graph.Bench;

/// <summary>One compiled model on made-up puzzles: whole training steps (with optimiser, packing and weight average) or inference steps, timed one by one.</summary>
internal sealed class StepRun : IDisposable
{
    private readonly CompiledProgram model;
    private readonly Trainer? trainer;
    private readonly int[] tokens;
    private readonly int[] labels;
    private readonly int[] puzzles;
    private readonly LaunchProfile profile = new();
    private readonly List<double> times = [];
    private readonly List<double> processor = [];
    private readonly List<long> allocations = [];

    /// <param name="name">Model.</param>
    /// <param name="size">Its size.</param>
    /// <param name="batch">Samples of a step.</param>
    /// <param name="microBatches">How many parts of the batch pass through the model one after another; 1 without training.</param>
    /// <param name="threads">Threads that work.</param>
    /// <param name="training">Steps with gradient and optimiser.</param>
    /// <param name="bfloat16">Factors of matrix products are rounded.</param>
    public StepRun(string name, string size, int batch, int microBatches, int threads, bool training, bool bfloat16 = false)
    {
        model = (CompiledProgram)ShippedModels.Create(name, size, batch / microBatches, device: Device.Cpu(threads, bfloat16: bfloat16));
        MicroBatches = microBatches;
        Initializer.Fill(model, 1);
        model.WeightsChanged();
        trainer = training ? new Trainer(model, new TrainerOptions { TotalSteps = 1_000_000, LearningRate = 1e-5, WarmupSteps = 0, MicroBatches = microBatches }) : null;
        tokens = new int[model.Ports["tokens"].Count * microBatches];
        labels = new int[tokens.Length];
        puzzles = new int[batch];
        int vocabulary = model.Ports["logits"].Shape[^1];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = 1 + (i * 7 % 31 % (vocabulary - 1));
            labels[i] = 1 + (i * 5 % 29 % (vocabulary - 1));
        }

        tokens.AsSpan(0, (int)model.Ports["tokens"].Count).CopyTo(model.Ints(model.Ports["tokens"]));
        labels.AsSpan(0, (int)model.Ports["labels"].Count).CopyTo(model.Ints(model.Ports["labels"]));
    }

    public int MicroBatches { get; }

    public IReadOnlyList<double> Milliseconds => times;

    /// <summary>Processor time of all threads, by step.</summary>
    public IReadOnlyList<double> ProcessorMilliseconds => processor;

    public int Threads => ((CpuExecutor)model.Executor).Threads;

    /// <summary>Managed bytes that a median step allocated.</summary>
    public long AllocatedBytes => allocations.Order().ElementAt(allocations.Count / 2);

    public long Tokens => (long)model.Batch * MicroBatches * model.States[0].Port.Shape[1];

    /// <summary>Operations of the timed step in units of 1e9, by the formula in <c>--help</c>.</summary>
    public double Gflop => (double)model.Batch * MicroBatches * (trainer is null ? StepWork.Inference(model.Table) : StepWork.Training(model.Table)) / 1e9;

    /// <summary>Milliseconds of an average step by launch, the largest first, then what is outside launches.</summary>
    public IEnumerable<(string Name, double Milliseconds, double Launches)> Profile
    {
        get
        {
            (string Name, double Seconds, long Count)[] entries = [.. profile.Entries.OrderByDescending(e => e.Seconds)];
            foreach ((string name, double seconds, long count) in entries)
            {
                yield return (name, seconds * 1e3 / times.Count, (double)count / times.Count);
            }

            yield return ("outside launches", times.Average() - (entries.Sum(e => e.Seconds) * 1e3 / times.Count), 0);
        }
    }

    /// <summary>Forgets what was measured; from now on launches are profiled.</summary>
    public void Restart()
    {
        times.Clear();
        processor.Clear();
        allocations.Clear();
        profile.Clear();
        model.Executor.Profile = profile;
    }

    public void Turn()
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan used = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        if (trainer is null)
        {
            model.Step(gradient: false);
        }
        else
        {
            trainer.Step(tokens, labels, trainer.Puzzles is null ? [] : puzzles);
        }

        double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        allocations.Add(GC.GetTotalAllocatedBytes(precise: true) - allocated);
        times.Add(elapsed);
        processor.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
    }

    public void Dispose() => model.Dispose();
}
