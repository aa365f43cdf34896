using Graph.Execution;
using Xunit;

namespace Graph.Tests;

public sealed class ExecutorTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void EveryUnitRunsOnce(int threads)
    {
        using var executor = new CpuExecutor(threads, scratchFloatsPerWorker: 100);
        var counts = new int[1000];
        for (int turn = 1; turn <= 200; turn++)
        {
            int units = turn * 37 % 1000;
            Array.Clear(counts);
            executor.Run(new Count(counts), units);
            Assert.All(counts.Take(units), count => Assert.Equal(1, count));
            Assert.All(counts.Skip(units), count => Assert.Equal(0, count));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AnExceptionReachesTheCallerAfterAllUnits(int threads)
    {
        using var executor = new CpuExecutor(threads);
        var counts = new int[100];
        var exception = Assert.Throws<InvalidOperationException>(() => executor.Run(new Count(counts, failing: 7), 100));
        Assert.Equal("unit 7", exception.Message);
        Assert.Equal(100, counts.Sum());
        executor.Run(new Count(counts), 100);
        Assert.Equal(200, counts.Sum());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ARunAllocatesNothing(int threads)
    {
        using var executor = new CpuExecutor(threads);
        var launch = new Count(new int[64]);
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (int turn = 0; turn < 100; turn++)
            {
                executor.Run(launch, 64);
            }
        }));
    }

    [Fact]
    public void SleepingHelpersWake()
    {
        using var executor = new CpuExecutor(2);
        Thread.Sleep(20);
        using var both = new CountdownEvent(2);
        executor.Run(new Meet(both), 2);
        Assert.True(both.IsSet);
    }

    [Fact]
    public void ScratchBeyondTheWorkersIsRefused()
    {
        using var executor = new CpuExecutor(1, scratchFloatsPerWorker: 16);
        Assert.Throws<InvalidOperationException>(() => executor.Run(new Greedy(), 1));
    }

    private readonly struct Count(int[] counts, int failing = -1) : ILaunch
    {
        public void Run(in Worker worker, long unit)
        {
            Interlocked.Increment(ref counts[unit]);
            if (unit == failing)
            {
                throw new InvalidOperationException($"unit {unit}");
            }
        }
    }

    /// <summary>Each unit waits for the other: only two threads can finish it.</summary>
    private readonly struct Meet(CountdownEvent both) : ILaunch
    {
        public void Run(in Worker worker, long unit)
        {
            both.Signal();
            both.Wait(TimeSpan.FromSeconds(30));
        }
    }

    private readonly struct Greedy : ILaunch
    {
        public void Run(in Worker worker, long unit) => worker.Scratch(0, 17);
    }
}
