using Graph.Execution;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The interpreter stops at every planted fault. Under Oclgrind the same tests only run the kernels, and <see cref="GrindTests"/> reads what it said.
/// </summary>
public sealed class PlantedBugTests
{
    [Theory]
    [InlineData(nameof(PlantedBugs.RaceShared), "race at shared byte")]
    [InlineData(nameof(PlantedBugs.RaceGlobal), "race at global byte")]
    [InlineData(nameof(PlantedBugs.OutOfBoundsGlobal), "out of bounds: 4 bytes at 1024 of 1024 bytes of buffer 'floats'")]
    [InlineData(nameof(PlantedBugs.OutOfBoundsShared), "out of bounds: 4 bytes at 256 of 256 bytes of shared memory")]
    [InlineData(nameof(PlantedBugs.UninitialisedShared), "uninitialised")]
    [InlineData(nameof(PlantedBugs.DivergentBarrier), "barrier divergence")]
    public void A_planted_bug_is_found(string name, string message)
    {
        var grind = Environment.GetEnvironmentVariable(GpuTest.UnderOclgrind) is not null;
        using var open = GpuTest.Open(grind ? "oclgrind" : "ptx", PlantedBugs.Floats);
        var kernel = typeof(PlantedBugs).GetMethod(name)!.CreateDelegate<GpuKernel>();
        open.Queue.Upload(Enumerable.Repeat(1f, PlantedBugs.Floats).ToArray(), 0);
        if (grind)
        {
            Launch();
            open.Queue.Synchronize();
            return;
        }

        Assert.Contains(message, Assert.Throws<PtxException>(Launch).Message, StringComparison.Ordinal);

        void Launch() => open.Queue.Launch(kernel, PlantedBugs.Groups, PlantedBugs.GroupSize, new GpuArguments { R0 = 0, R1 = PlantedBugs.Output });
    }
}
