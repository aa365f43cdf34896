using Graph.Execution;
using Graph.Execution.Ilgpu;
using Graph.Tests.Gpu;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>What crosses between host and device in a warm step: one copy in, one copy out, and one wait, that of the copy out.</summary>
public sealed class DeviceTrafficTests
{
    private const int Batch = 3;

    public static TheoryData<string, double> Runs => new() { { "trm", 0.5 }, { "trm-mlp", 0 }, { "mamba2", 0.5 }, { "mamba2-mlp", 0 }, { "hrm", 0.5 } };

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_warm_training_step_copies_once_each_way_and_waits_once(string family, double clipNorm)
    {
        var device = (GpuDevice)GpuTest.Device("pocl");
        using var model = Create(family, device, out var queue);
        var trainer = new Trainer(model, new TrainerOptions { TotalSteps = 100, WarmupSteps = 0, HaltMaxSteps = 2, EmaRate = 0.9, ClipNorm = clipNorm, PuzzleIdentifiers = 2 });
        var (tokens, labels) = Data(model);
        for (var step = 0; step < 6; step++)
        {
            queue.Clear();
            var waits = ((IlgpuQueue)queue.Inner).Waits;
            trainer.Step(tokens, labels, [0, 1, 1]);

            // The first two steps bring moments, the average and the states' initial rows to the device; later ones reset states without the host.
            if (step >= 2)
            {
                Assert.Equal((1, 1, 0), (queue.Uploads, queue.Downloads, queue.Synchronisations));
                Assert.Equal(1, ((IlgpuQueue)queue.Inner).Waits - waits);
            }
        }
    }

    [Theory]
    [InlineData("trm")]
    [InlineData("mamba2")]
    public void A_step_of_evaluation_copies_once_each_way_and_waits_once(string family)
    {
        const int Steps = 4;
        var device = (GpuDevice)GpuTest.Device("pocl");
        using var model = Create(family, device, out var queue);
        var evaluator = new Evaluator(model, new SparseTable(2, model.Ports["puzzle"].Shape[1]), Steps);
        var (tokens, labels) = Data(model);
        evaluator.Run(tokens, labels, [0, 1, 1]);
        queue.Clear();
        var waits = ((IlgpuQueue)queue.Inner).Waits;
        evaluator.Run(tokens, labels, [0, 1, 1]);

        // The states of training are kept on the device meanwhile.
        Assert.Equal((Steps, Steps, 0), (queue.Uploads, queue.Downloads, queue.Synchronisations));
        Assert.Equal(Steps, ((IlgpuQueue)queue.Inner).Waits - waits);
    }

    /// <summary>Also before the first step, when the host has no copy of the states yet.</summary>
    [Fact]
    public void A_reset_is_seen_by_the_host_and_survives_its_look()
    {
        var device = (GpuDevice)GpuTest.Device("pocl");
        using var looked = Create("trm", device, out _);
        using var left = Create("trm", device, out _);
        var state = looked.States[0];
        var expected = new float[state.Port.Count];
        var length = expected.Length / Batch;
        for (var at = length; at < 2 * length; at += state.InitRow.Length)
        {
            state.InitRow.CopyTo(expected, at);
        }

        looked.ResetState(state, 1);
        left.ResetState(left.States[0], 1);
        Assert.Equal(expected, looked.Floats(state.Port).ToArray());
        looked.Step(gradient: false);
        left.Step(gradient: false);
        Assert.Equal(left.Floats(state.Port).ToArray(), looked.Floats(state.Port).ToArray());
    }

    private static RecursiveModel Create(string family, GpuDevice device, out CountedQueue queue)
    {
        CountedQueue? opened = null;
        var model = ShippedModels.Create(family, "grid4", Batch, device: new QueueDevice("counted", memory => opened = new CountedQueue(new IlgpuQueue(device, memory))));
        Initializer.Fill(model, 5);
        queue = opened!;
        return model;
    }

    private static (int[] Tokens, int[] Labels) Data(RecursiveModel model)
    {
        var tokens = Enumerable.Range(0, (int)model.Ports["tokens"].Count).Select(i => 1 + (i % 4)).ToArray();
        return (tokens, [.. tokens.Reverse()]);
    }
}
