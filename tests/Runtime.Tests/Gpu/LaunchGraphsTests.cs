using Graph.Execution;
using Graph.Execution.Ilgpu;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>When a sequence of launches is launched, captured, replayed and forgotten.</summary>
public sealed class LaunchGraphsTests : IDisposable
{
    private const int Length = 100;
    private readonly List<string> log = [];
    private readonly Driver driver;
    private readonly LaunchGraphs graphs;

    public LaunchGraphsTests()
    {
        driver = new Driver(log);
        graphs = new LaunchGraphs(driver, launch => log.Add($"{launch.Arguments.R0}:{launch.Arguments.F0}"));
    }

    public void Dispose() => graphs.Dispose();

    [Fact]
    public void A_sequence_is_launched_then_captured_then_replayed()
    {
        Assert.Equal(Launches(1), Run(1));
        Assert.Equal(["capture 1", "replay 1"], Run(1));
        Assert.Equal(["replay 1"], Run(1));
        Assert.Equal(1, driver.Captures);
        Assert.Equal(2, graphs.Replays);
    }

    [Fact]
    public void A_changed_argument_is_launched_as_it_came()
    {
        Run(1);
        Run(1);
        Assert.Equal(Launches(2), Run(2));
        Assert.Equal(["replay 1"], Run(1));
        Assert.Equal(Launches(float.NaN), Run(float.NaN));
        Assert.Equal(["capture 2", "replay 2"], Run(float.NaN));
    }

    [Fact]
    public void Zero_and_minus_zero_differ()
    {
        Run(0f);
        Assert.Equal(Launches(-0f), Run(-0f));
    }

    [Fact]
    public void What_cannot_be_captured_is_launched_always_and_tried_once()
    {
        driver.Refuses = true;
        Run(1);
        Assert.Equal(["refuse", .. Launches(1)], Run(1));
        Assert.Equal(Launches(1), Run(1));
        Assert.Equal(0, graphs.Replays);
    }

    [Fact]
    public void Short_sequences_are_launched()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(Launches(1, 10), Run(1, 10));
        }
    }

    [Fact]
    public void Moved_memory_forgets_graphs()
    {
        Run(1);
        Run(1);
        log.Clear();
        graphs.Forget();
        Assert.Equal(["destroy 1"], log);
        Assert.Equal(Launches(1), Run(1));
    }

    [Fact]
    public void Sequences_that_never_come_again_displace_each_other()
    {
        Run(1);
        Run(1);
        for (var i = 0; i < 30; i++)
        {
            Run(100 + i);
            Assert.Equal(["replay 1"], Run(1));
        }

        for (var i = 0; i < 30; i++)
        {
            Run(200 + i);
        }

        Assert.Equal(1, driver.Destroyed);
    }

    private static string[] Launches(float value, int length = Length) => [.. Enumerable.Range(0, length).Select(i => $"{i}:{value}")];

    private string[] Run(float value, int length = Length)
    {
        log.Clear();
        for (var i = 0; i < length; i++)
        {
            graphs.Add(new Launch(Kernel, 1, 32, new GpuArguments { R0 = i, F0 = value }));
        }

        Assert.Empty(log);
        graphs.Flush();
        return [.. log];
    }

    private static readonly GpuKernel Kernel = (_, _, _) => { };

    private sealed class Driver(List<string> log) : IGraphDriver
    {
        public bool Refuses { get; set; }

        public int Captures { get; private set; }

        public int Destroyed { get; private set; }

        public nint Capture(Action launches)
        {
            if (Refuses)
            {
                log.Add("refuse");
                return 0;
            }

            log.Add($"capture {++Captures}");
            return Captures;
        }

        public void Launch(nint graph) => log.Add($"replay {graph}");

        public void Destroy(nint graph)
        {
            Destroyed++;
            log.Add($"destroy {graph}");
        }
    }
}
