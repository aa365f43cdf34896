using System.Diagnostics;
using Graph.Execution;
using Graph.Models;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>A quick measurement of how many floating-point operations a second a device does in training: a few steps of a small size.</summary>
internal static class FlopRate
{
    public const string Size = "grid9";

    private const int Batch = 8;
    private const int WarmUp = 4;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    public static double Measure(string model, Device device)
    {
        var flops = new Plan(model, Size, Batch, device).TrainingFlops;
        using var program = ShippedModels.Create(model, Size, Batch, device: device);
        Initializer.Fill(program, seed: 0);
        Step(program, WarmUp);
        var clock = Stopwatch.StartNew();
        var steps = 0;
        do
        {
            Step(program, 1);
            steps++;
        }
        while (clock.Elapsed < Enough);

        return steps * flops / clock.Elapsed.TotalSeconds;
    }

    private static void Step(RecursiveModel program, int count)
    {
        for (var step = 0; step < count; step++)
        {
            program.Step(gradient: true);

            // A GPU only queues a step; a value of it is there when the step is over.
            _ = program.Gradients[0];
        }
    }
}
