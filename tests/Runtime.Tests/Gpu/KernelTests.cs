using System.Reflection;
using Graph.Execution;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>Every kernel there is compiles for CUDA and OpenCL without a device, and keeps the rules of both.</summary>
public sealed class KernelTests
{
    private static readonly Assembly[] Assemblies = [typeof(GpuKernel).Assembly, typeof(KernelTests).Assembly];

    private static readonly IReadOnlyDictionary<string, MethodInfo> Kernels = KernelCatalog.Find(Assemblies);

    /// <summary>What is fast only as long as it is so: loads of four floats, products on tensor cores.</summary>
    private static readonly Dictionary<string, (string Opcode, int Count)[]> Expected = new()
    {
        ["TiledProduct.Kernel"] = [("ld.global.v4.f32", 2), ("st.shared.v4.f32", 2), ("ld.shared.v4.f32", 2), ("bar.sync", 2)],
        ["Bf16Product.Kernel"] = [("mma.sync.aligned.m16n8k16", 1), ("ldmatrix.sync.aligned.m8n8", 2), ("cp.async.cg", 3), ("ld.global", 0), ("bar.sync", 1)],
    };

    public static TheoryData<string> Names => [.. Kernels.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kernel_keeps_the_rules(string name) => KernelChecks.Check(Kernels[name], Expected.GetValueOrDefault(name) ?? []);

    [Fact]
    public void Every_generic_kernel_is_instantiated() => Assert.Empty(KernelCatalog.Unproven(Assemblies, Kernels));

    [Fact]
    public void Every_expectation_has_its_kernel() => Assert.Empty(Expected.Keys.Except(Kernels.Keys));
}
