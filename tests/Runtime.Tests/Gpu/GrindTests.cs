using Graph.Execution;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Runs the kernel tests of small sizes again in a process under Oclgrind, which watches every access of every work item. It says what it
/// finds on standard error and goes on, so any finding there is the failure. Its check of unwritten values is off for our kernels: version
/// 21.10 stops at an instruction that the optimiser makes (freeze), and without the optimiser blames values that were written. The PTX
/// interpreter finds unwritten values in shared memory and registers.
/// </summary>
public sealed class GrindTests
{
    /// <summary>Classes that have nothing to run there, run it as children themselves, or launch from several threads, which Oclgrind cannot.</summary>
    private static readonly string[] Others =
    [
        typeof(GrindTests).FullName!, typeof(KernelTests).FullName!, typeof(PlantedBugTests).FullName!, typeof(MutantTests).FullName!, typeof(PtxInterpreterTests).FullName!,
        typeof(TensorCoreScanTests).FullName!, typeof(TensorCoreScanMutantTests).FullName!, typeof(SharedKernelTests).FullName!,
    ];

    [Fact]
    public async Task Kernels_of_small_sizes_are_clean()
    {
        var (exit, output, errors, kernels) = await Oclgrind.Run(typeof(GrindTests).Assembly, [], ["--filter-namespace", typeof(GrindTests).Namespace!, "--filter-not-class", .. Others]);
        Assert.False(Oclgrind.Finding().IsMatch(errors), errors[..Math.Min(errors.Length, 5000)]);
        Assert.True(exit == 0, output);
        var unproven = KernelCatalog.Definitions(typeof(GpuKernel).Assembly).Where(kernel => !kernel.StartsWith("TensorCore", StringComparison.Ordinal)).Except(kernels).ToList();
        Assert.True(unproven.Count == 0, $"Not launched under Oclgrind: {string.Join(", ", unproven)}.");
    }

    /// <summary>Without this, silence could mean that nothing is watched.</summary>
    [Fact]
    public async Task Planted_bugs_are_found()
    {
        var (_, output, errors, _) = await Oclgrind.Run(typeof(GrindTests).Assembly, ["--uninitialized"], ["--filter-class", typeof(PlantedBugTests).FullName!]);
        Assert.Contains("total: 6", output, StringComparison.Ordinal);
        foreach (var (kernel, finding) in new[]
        {
            (nameof(PlantedBugs.RaceShared), "data race at local memory"),
            (nameof(PlantedBugs.RaceGlobal), "data race at global memory"),
            (nameof(PlantedBugs.OutOfBoundsGlobal), "Invalid write of size 4 at global memory"),
            (nameof(PlantedBugs.OutOfBoundsShared), "Invalid read of size 4 at local memory"),
            (nameof(PlantedBugs.UninitialisedShared), "Uninitialized"),
            (nameof(PlantedBugs.DivergentBarrier), "divergence"),
        })
        {
            Assert.Matches($"{finding}[^\n]*\n(?:[^\n]+\n)*?[^\n]*Kernel: [^\n]*{kernel}", errors);
            Assert.Matches(Oclgrind.Finding(), finding);
        }
    }
}
