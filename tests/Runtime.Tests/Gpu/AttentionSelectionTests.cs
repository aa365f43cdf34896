using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>Which kernels run attention, by the width of heads and by how operands are stored, and what bytes they say they move.</summary>
public sealed class AttentionSelectionTests
{
    private const int T = 3, C = 64;

    private const string Whole = "x y dy dx";

    /// <summary>Heads, tensor cores, what is stored as bfloat16, elements by which dy misses its place, kernels of four.</summary>
    public static TheoryData<int, bool, string, int, string[]> Cases => new()
    {
        { 2, true, Whole, 0, ["TensorCoreAttention.Forward32", "Delta Bfloat16", "TensorCoreAttention.QueryGradient32", "TensorCoreAttention.KeyGradient32"] },
        { 1, true, Whole, 0, ["TensorCoreAttention.Forward64", "Delta Bfloat16", "TensorCoreAttention.QueryGradient64", "TensorCoreAttention.KeyGradient64"] },
        { 1, true, "x dy dx", 0, ["Forward Mixed", "Delta Mixed", "TensorCoreAttention.QueryGradient64", "TensorCoreAttention.KeyGradient64"] },
        { 1, true, "x y dx", 0, ["TensorCoreAttention.Forward64", "Delta Mixed", "QueryGradient Mixed", "KeyGradient Mixed"] },
        { 1, true, "x y dy", 0, ["TensorCoreAttention.Forward64", "Delta Bfloat16", "QueryGradient Mixed", "KeyGradient Mixed"] },
        { 1, true, "y", 0, ["Forward Mixed", "Delta Mixed", "QueryGradient Float32", "KeyGradient Float32"] },
        { 1, true, Whole, 4, ["TensorCoreAttention.Forward64", "Delta Bfloat16", "QueryGradient Bfloat16", "KeyGradient Bfloat16"] }, // dy at no multiple of 16 bytes
        { 4, true, Whole, 0, ["Forward Bfloat16", "Delta Bfloat16", "QueryGradient Bfloat16", "KeyGradient Bfloat16"] }, // heads of 16
        { 1, true, "", 0, ["Forward Float32", "Delta Float32", "QueryGradient Float32", "KeyGradient Float32"] },
        { 2, false, "", 0, ["Forward Float32", "Delta Float32", "QueryGradient Float32", "KeyGradient Float32"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Kernels_follow_heads_and_storage(int heads, bool tensorCores, string bfloat16, int more, string[] kernels)
    {
        var queue = new Recorder(new PtxQueue(4096, 16)) { Bfloat16Weights = tensorCores ? new Bfloat16Copy(0, 0, 0) : null, Profile = new KernelProfile() };
        var worker = new Worker(0, default, 0, 1, queue, heads);
        Ref x = Place("x", 0), y = Place("y", 1024), dy = Place("dy", 2048) + more, dx = Place("dx", 3072), lse = GpuQueue.Place(4000);
        Attention.Forward(worker, 0, x, y, lse, T, C, heads);
        Attention.Backward(worker, 0, x, y, lse, dy, dx, T, C, heads);
        Assert.Equal(kernels.Select(kernel => kernel.Split(' ') is [var name, var storage] ? $"Attention.{name}Kernel<{storage}Storage>" : kernel), queue.Names);

        // Each of x and dx is three values, a part of which may be moved.
        int values = T * C, ofX = Bytes("x"), ofY = Bytes("y"), ofDy = Bytes("dy"), ofDx = Bytes("dx");
        Assert.Equal(
            [values * ((3 * ofX) + ofY), values * (ofY + ofDy), values * ((3 * ofX) + ofDy + ofDx), values * ((3 * ofX) + ofDy + (2 * ofDx))],
            queue.Profile.Kernels.Select(kernel => kernel.Bytes));

        bool IsStored(string name) => bfloat16.Split(' ').Contains(name);

        int Bytes(string name) => IsStored(name) ? 2 : 4;

        Ref Place(string name, long at) => GpuQueue.Place(IsStored(name) ? Bfloat16Place.Of(at) : at);
    }

    /// <summary>Notes launches, and hands them on.</summary>
    private sealed class Recorder(GpuQueue inner) : ForwardingQueue(inner)
    {
        private readonly List<string> names = [];

        public IReadOnlyList<string> Names => names;

        public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
        {
            names.Add(KernelCatalog.Name(kernel.Method));
            base.Launch(kernel, groups, groupSize, arguments);
        }
    }
}
