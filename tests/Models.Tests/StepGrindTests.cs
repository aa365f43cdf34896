using Graph.Tests.Gpu;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Whole training steps under Oclgrind: no access of any kernel of a step races with another or leaves its memory. A class of its own, so that it runs beside the others.</summary>
public sealed class StepGrindTests
{
    [Fact]
    public async Task Steps_are_clean_under_oclgrind()
    {
        var (exit, output, errors, kernels) = await Oclgrind.Run(typeof(GpuParityTests).Assembly, [], ["--filter-method", $"*{nameof(GpuParityTests.Steps_equal_the_cpu)}", $"*{nameof(GateKernelTests)}*"]);
        Assert.False(Oclgrind.Finding().IsMatch(errors), errors[..Math.Min(errors.Length, 5000)]);
        Assert.True(exit == 0, output);
        Assert.Contains($"succeeded: {(2 * ShippedModels.Names.Count) + 2}", output, StringComparison.Ordinal);
        var unproven = KernelCatalog.Definitions(typeof(TrmAttention).Assembly).Except(kernels).ToList();
        Assert.True(unproven.Count == 0, $"Not launched under Oclgrind: {string.Join(", ", unproven)}.");
    }
}
