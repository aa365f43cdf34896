using System.Reflection;
using Graph.Execution;
using Graph.Lanes;
using Graph.Tests.Gpu;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Every emitted row kernel of the shipped models compiles for CUDA and OpenCL, over both formats of its operands, without a device, and keeps the rules of both.</summary>
public sealed class EmittedKernelTests
{
    public static TheoryData<string> Families => ["TrmAttention", "Hrm", "TrmMlpT", "Mamba2Attention", "Mamba2MlpT"];

    [Theory]
    [MemberData(nameof(Families))]
    public void Kernels_keep_the_rules(string family)
    {
        var model = typeof(TrmAttention).Assembly.GetType($"Graph.Models.{family}", throwOnError: true)!;
        var dims = model.GetNestedType("Grid4")!.GetNestedType("Dims", BindingFlags.NonPublic)!;
        var kernels = model.GetNestedTypes(BindingFlags.NonPublic)
            .Where(type => type.IsGenericTypeDefinition)
            .Select(type => type.MakeGenericType(dims).GetMethod("Gpu", BindingFlags.Static | BindingFlags.NonPublic))
            .OfType<MethodInfo>()
            .SelectMany(kernel => new[] { typeof(GpuRef), typeof(GpuMixedRef) }.Select(memory => kernel.MakeGenericMethod(typeof(GpuLane), memory)));
        var found = KernelCatalog.Find([], kernels);
        Assert.InRange(found.Count, 2 * 10, 2 * 100);
        Assert.All(found.Values, kernel => KernelChecks.Check(kernel));
    }
}
