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
        ["TensorCoreKernels.Forward"] = TensorCores(mma: 32, ldmatrix: 12, copies: 12, loads: 0, stores: 0),
        ["TensorCoreKernels.ForwardSmall"] = TensorCores(mma: 16, ldmatrix: 8, copies: 12, loads: 0, stores: 0),
        ["TensorCoreKernels.Gated"] = Pairs(mma: 32, ldmatrix: 12, angles: 0, results: 16),
        ["TensorCoreKernels.GatedSmall"] = Pairs(mma: 16, ldmatrix: 8, angles: 0, results: 8),
        ["TensorCoreKernels.Rotated"] = Pairs(mma: 32, ldmatrix: 12, angles: 32, results: 32),
        ["TensorCoreKernels.RotatedSmall"] = Pairs(mma: 16, ldmatrix: 8, angles: 16, results: 16),
        ["TensorCoreKernels.Normalized"] = Normalized(ldmatrix: 8, copies: 10, rows: 8, warps: 8),
        ["TensorCoreKernels.NormalizedNarrow"] = Normalized(ldmatrix: 12, copies: 18, rows: 4, warps: 2),
        ["TensorCoreKernels.Backward"] = TensorCores(mma: 32, ldmatrix: 12, copies: 12, loads: 0, stores: 0),
        ["TensorCoreKernels.BackwardSmall"] = TensorCores(mma: 16, ldmatrix: 8, copies: 12, loads: 0, stores: 0),
        ["TensorCoreKernels.GatedBackward"] = GateBackward(mma: 32, ldmatrix: 12),
        ["TensorCoreKernels.GatedBackwardSmall"] = GateBackward(mma: 16, ldmatrix: 8),
        ["TensorCoreKernels.GatedColumnsBackward"] = GateBackward(mma: 32, ldmatrix: 12),
        ["TensorCoreKernels.GatedColumnsBackwardSmall"] = GateBackward(mma: 16, ldmatrix: 8),
        ["TensorCoreKernels.Gradient"] = TensorCores(mma: 32, ldmatrix: 12, copies: 12, loads: 0, stores: 0),
        ["TensorCoreKernels.GradientSmall"] = TensorCores(mma: 16, ldmatrix: 8, copies: 12, loads: 0, stores: 0),
        ["TensorCoreKernels.Columns"] = Columns,
        ["TensorCoreKernels.ColumnsBackward"] = Columns,
        ["TensorCoreKernels.ColumnsGradient"] =
        [
            ("mma.sync.aligned.m16n8k16", 16), ("ldmatrix.sync.aligned.m8n8.x4", 8), ("cp.async.cg", 12), ("ld.global.v2.f32", 0), ("st.global.v2.f32", 0),
            ("ld.global.f32", 32), ("ld.global", 32), ("st.global.f32", 32), ("st.global", 32), ("st.shared", 0), ("bar.sync", 1),
        ],
        ["TensorCoreVariants.CopiedGradient"] = TensorCores(mma: 16, ldmatrix: 8, copies: 12, loads: 0, stores: 0),
        ["TensorCoreVariants.Mixed"] = TensorCores(mma: 16, ldmatrix: 8, copies: 6, loads: 12, stores: 6),
        ["TensorCoreVariants.RoundedGradient"] = TensorCores(mma: 16, ldmatrix: 8, copies: 0, loads: 16, stores: 8),
        ["TensorCoreAttention.Forward32"] = Attention(mma: 32, ldmatrix: 18, copies: 10, vectors: 0, stores: 8, columns: 0),
        ["TensorCoreAttention.Forward64"] = Attention(mma: 64, ldmatrix: 36, copies: 20, vectors: 0, stores: 16, columns: 0),
        ["SsdGpu.Gram<TensorCoreScanProducts<Float32Storage>>"] = Scan(products: 1, barriers: 3),
        ["SsdGpu.States<TensorCoreScanProducts<Float32Storage>>"] = Scan(products: 1, barriers: 3),
        ["SsdGpu.Output<TensorCoreScanProducts<Float32Storage>>"] = Scan(products: 2, barriers: 6),
        ["SsdGpuBackward.StateGradients<TensorCoreScanProducts<Float32Storage>>"] = Scan(products: 1, barriers: 6),
        ["SsdGpuBackward.GramGradient<TensorCoreScanProducts<Float32Storage>>"] = Scan(products: 1, barriers: 5),
        ["SsdGpuBackward.InputGradient<TensorCoreScanProducts<Float32Storage>>"] = Scan(products: 2, barriers: 8),
        ["SsdGpuBackward.StateVectorGradient<TensorCoreScanProducts<Float32Storage>>"] = Scan(products: 2, barriers: 8),
        ["SsdGpu.Gram<TensorCoreScanProducts<MixedStorage>>"] = MixedScan(plain: 1, decayed: 0, barriers: 3),
        ["SsdGpu.States<TensorCoreScanProducts<MixedStorage>>"] = MixedScan(plain: 1, decayed: 0, barriers: 3),
        ["SsdGpu.Output<TensorCoreScanProducts<MixedStorage>>"] = MixedScan(plain: 1, decayed: 1, barriers: 6),
        ["SsdGpuBackward.StateGradients<TensorCoreScanProducts<MixedStorage>>"] = MixedScan(plain: 1, decayed: 0, barriers: 6),
        ["SsdGpuBackward.GramGradient<TensorCoreScanProducts<MixedStorage>>"] = MixedScan(plain: 1, decayed: 0, barriers: 5),
        ["SsdGpuBackward.InputGradient<TensorCoreScanProducts<MixedStorage>>"] = MixedScan(plain: 1, decayed: 1, barriers: 8),
        ["SsdGpuBackward.StateVectorGradient<TensorCoreScanProducts<MixedStorage>>"] = MixedScan(plain: 2, decayed: 0, barriers: 8),
        ["TensorCoreAttention.QueryGradient32"] = Attention(mma: 24, ldmatrix: 16, copies: 12, vectors: 4, stores: 8, columns: 0),
        ["TensorCoreAttention.QueryGradient64"] = Attention(mma: 48, ldmatrix: 32, copies: 24, vectors: 4, stores: 16, columns: 0),
        ["TensorCoreAttention.KeyGradient32"] = Attention(mma: 32, ldmatrix: 20, copies: 12, vectors: 2, stores: 16, columns: 8),
        ["TensorCoreAttention.KeyGradient64"] = Attention(mma: 64, ldmatrix: 40, copies: 24, vectors: 2, stores: 32, columns: 8),
        ["GpuLaneTests.Plain"] = [("ld.global.f32", 2), ("ld.global", 2), ("st.global.f32", 2), ("st.global", 2)],
        ["GpuLaneTests.Mixed"] = [("ld.global.b16", 4), ("ld.global", 4), ("st.global.f32", 2), ("st.global.b16", 2), ("st.global", 4)],
        ["GpuBfloat16.Round"] = [("ld.global.v4.f32", 2), ("st.global.v4.b32", 1)],
        ["Bf16Product.Kernel"] = [("mma.sync.aligned.m16n8k16", 1), ("ldmatrix.sync.aligned.m8n8", 2), ("cp.async.cg", 3), ("ld.global", 0), ("bar.sync", 1)],
    };

    /// <summary>A through single loads and stores along its lines, B as always.</summary>
    private static (string Opcode, int Count)[] Columns =>
    [
        ("mma.sync.aligned.m16n8k16", 16), ("ldmatrix.sync.aligned.m8n8.x4", 8), ("cp.async.cg", 6), ("cvt.rn.bf16.f32", 48), ("st.shared.b16", 48), ("st.shared", 48), ("ld.global.f32", 48),
        ("ld.global.v2.f32", 16), ("ld.global.b32", 16), ("ld.global", 48 + 32), ("st.global.v2.f32", 16), ("st.global.b32", 16), ("st.global", 32), ("cvt.rn.bf16x2.f32", 16), ("bar.sync", 1),
    ];

    public static TheoryData<string> Names => [.. Kernels.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kernel_keeps_the_rules(string name) => KernelChecks.Check(Kernels[name], Expected.GetValueOrDefault(name) ?? []);

    /// <summary>
    /// The main loop in one barrier, and nothing that reads or writes single values: C is loaded and stored in pairs, twice a product of 16 x 8, with a text for
    /// each of its forms.
    /// </summary>
    private static (string Opcode, int Count)[] TensorCores(int mma, int ldmatrix, int copies, int loads, int stores) =>
    [
        ("mma.sync.aligned.m16n8k16", mma), ("ldmatrix.sync.aligned.m8n8.x4", ldmatrix), ("cp.async.cg", copies), ("ld.global.v4.f32", loads), ("st.shared.v4.b32", stores),
        ("cvt.rn.bf16x2.f32", (4 * stores) + mma), ("ld.global.v2.f32", mma), ("ld.global.b32", mma), ("ld.global", loads + (2 * mma)), ("st.global.v2.f32", mma), ("st.global.b32", mma),
        ("st.global", 2 * mma), ("st.shared", stores), ("bar.sync", 1),
    ];

    /// <summary>What each product of the scan is made of; barriers of the kernel too, three of them a product's.</summary>
    private static (string Opcode, int Count)[] Scan(int products, int barriers) =>
    [
        ("mma.sync.aligned.m16n8k16", 4 * products), ("ldmatrix.sync.aligned.m8n8.x4", 3 * products), ("ld.global.v4.f32", 4 * products), ("st.shared.v4.b32", 2 * products),
        ("cvt.rn.bf16x2.f32", 8 * products), ("ld.shared.v4.f32", 4 * products), ("bar.sync", barriers),
    ];

    /// <summary>The same where operands may be bfloat16: of a factor, G excepted, there are two loops, one of which runs.</summary>
    private static (string Opcode, int Count)[] MixedScan(int plain, int decayed, int barriers) =>
    [
        ("mma.sync.aligned.m16n8k16", 4 * (plain + decayed)), ("ldmatrix.sync.aligned.m8n8.x4", 3 * (plain + decayed)), ("ld.global.v4.f32", 4 * (plain + decayed)),
        ("ld.global.v2.b32", (4 * plain) + (2 * decayed)), ("st.shared.v4.b32", (4 * plain) + (3 * decayed)), ("cvt.rn.bf16x2.f32", (16 * plain) + (12 * decayed)),
        ("ld.shared.v4.f32", 4 * (plain + decayed)), ("bar.sync", barriers),
    ];

    /// <summary>The forward product's main loop; behind it pairs of angles come, and pairs of C and of results go, with a text for each of their forms.</summary>
    private static (string Opcode, int Count)[] Pairs(int mma, int ldmatrix, int angles, int results) =>
    [
        ("mma.sync.aligned.m16n8k16", mma), ("ldmatrix.sync.aligned.m8n8.x4", ldmatrix), ("cp.async.cg", 12), ("ld.global.v4.f32", 0), ("ld.global.v2.f32", 2 * angles), ("ld.global", 2 * angles),
        ("st.global.v2.f32", mma + results), ("st.global.b32", mma + results), ("st.global", 2 * (mma + results)), ("st.shared", 0), ("bar.sync", 1),
    ];

    /// <summary>The backward product's main loop; behind it pairs of a and b come, and pairs of y, da and db go, once each.</summary>
    private static (string Opcode, int Count)[] GateBackward(int mma, int ldmatrix) =>
    [
        ("mma.sync.aligned.m16n8k16", mma), ("ldmatrix.sync.aligned.m8n8.x4", ldmatrix), ("cp.async.cg", 12), ("ld.global.b32", 2 * mma), ("ld.global", 2 * mma),
        ("st.global.b32", 3 * mma), ("st.global", 3 * mma), ("st.shared", 0), ("bar.sync", 1),
    ];

    /// <summary>
    /// The forward product's main loop, a second barrier before sums of squares, which go to shared memory once a row and come from there once a row and warp; residuals come and results go in
    /// eight pairs a row, with a text for each of their forms; a lane stores the statistic.
    /// </summary>
    private static (string Opcode, int Count)[] Normalized(int ldmatrix, int copies, int rows, int warps) =>
    [
        ("mma.sync.aligned.m16n8k16", 32), ("ldmatrix.sync.aligned.m8n8.x4", ldmatrix), ("cp.async.cg", copies), ("ld.global.v2.f32", 8 * rows), ("ld.global.b32", 8 * rows), ("ld.global", 16 * rows),
        ("st.global.v2.f32", 8 * rows), ("st.global.b32", 8 * rows), ("st.global.f32", rows), ("st.global", 17 * rows), ("shfl.sync", 2 * rows), ("st.shared", rows), ("ld.shared", warps * rows), ("bar.sync", 2),
    ];

    /// <summary>
    /// Of gradients, text of half a block, which is run twice. Tiles are copied, own ones and the first block's before the loop. Vectors are logarithms and
    /// δ, single values; where they belong to columns they come in pairs from shared memory.
    /// </summary>
    private static (string Opcode, int Count)[] Attention(int mma, int ldmatrix, int copies, int vectors, int stores, int columns) =>
    [
        ("mma.sync.aligned.m16n8k16", mma), ("ldmatrix.sync.aligned.m8n8.x4", ldmatrix), ("cp.async.cg", copies), ("ld.global", vectors),
        ("st.global.b32", stores), ("ld.shared.v2.f32", columns), ("ld.shared", columns), ("bar.sync", 2),
    ];

    [Fact]
    public void Every_generic_kernel_is_instantiated() => Assert.Empty(KernelCatalog.Unproven(Assemblies, Kernels));

    [Fact]
    public void Every_expectation_has_its_kernel() => Assert.Empty(Expected.Keys.Except(Kernels.Keys));
}
