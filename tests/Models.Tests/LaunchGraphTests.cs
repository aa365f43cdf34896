using Graph.Execution;
using Graph.Execution.Ilgpu;
using Graph.Tests.Gpu;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Training through recorded sequences of launches: the same bits as without. Where the device is not CUDA, something stands in for its driver.</summary>
public sealed class LaunchGraphTests
{
    private const int Batch = 2;

    [Theory]
    [InlineData("trm")]
    [InlineData("mamba2")]
    public void Replayed_steps_equal_launched_ones_bit_for_bit(string family)
    {
        const int Steps = 8;
        var device = (GpuDevice)GpuTest.Device("pocl");
        IlgpuQueue? queue = null;
        var expected = Train(family, new QueueDevice("plain", memory => new IlgpuQueue(device, memory)), Steps);
        CountingDriver? driver = null;
        var actual = Train(
            family,
            new QueueDevice("graph", memory => queue = new IlgpuQueue(device, memory, stream => driver = new CountingDriver(CudaGraphs.Of(stream) ?? new StandIn()))),
            Steps);
        Assert.Equal(expected, actual);

        // The first step brings constants, which cuts its sequence; the second is launched; the third is captured; the optimiser never is.
        Assert.Equal(1, driver!.Captures);
        Assert.Equal(Steps - 2, queue!.Replays);
        Assert.Equal(0, driver.Alive);
    }

    private static float[] Train(string family, Device device, int steps)
    {
        using var model = ShippedModels.Create(family, "grid4", Batch, device: device);
        Initializer.Fill(model, 5);
        var trainer = new Trainer(model, new TrainerOptions { TotalSteps = 100, WarmupSteps = 50, HaltMaxSteps = 2, EmaRate = 0.9, ClipNorm = 0.5, PuzzleIdentifiers = 2 });
        var values = new List<float>();
        var tokens = new int[model.Ports["tokens"].Count];
        for (var step = 0; step < steps; step++)
        {
            for (var i = 0; i < tokens.Length; i++)
            {
                tokens[i] = 1 + ((i + step) % 4);
            }

            values.Add((float)trainer.Step(tokens, tokens, [0, 1]).Loss);
        }

        return [.. values, .. model.Weights, .. trainer.Ema!.Shadow];
    }

    private sealed class CountingDriver(IGraphDriver driver) : IGraphDriver
    {
        public int Captures { get; private set; }

        public int Alive { get; private set; }

        public nint Capture(Action launches)
        {
            Captures++;
            var graph = driver.Capture(launches);
            Alive += graph == 0 ? 0 : 1;
            return graph;
        }

        public void Launch(nint graph) => driver.Launch(graph);

        public void Destroy(nint graph)
        {
            driver.Destroy(graph);
            Alive--;
        }
    }

    private sealed class StandIn : IGraphDriver
    {
        private readonly Dictionary<nint, Action> graphs = [];

        public nint Capture(Action launches)
        {
            nint graph = graphs.Count + 1;
            graphs[graph] = launches;
            return graph;
        }

        public void Launch(nint graph) => graphs[graph]();

        public void Destroy(nint graph) => graphs.Remove(graph);
    }
}
