using Graph.Execution;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The backward of SwiGLU's gate in the tiles of the product that makes its dY: portable and on tensor cores, in rows and along the token axis, at full and ragged sizes;
/// and every planted mistake is noticed.
/// </summary>
public sealed class GateBackwardTests
{
    /// <summary>Float32 sums of up to 130 products, and an approximate exponential.</summary>
    private const double Rounding = 2e-6;

    /// <summary>With a dY that was rounded to bfloat16 on its way: half a unit of its own, over the largest gradient.</summary>
    private const double Separate = 4e-3;

    private static readonly JoinProduct Fast = new(false, 72, 40, 104, 1, 0) { Bfloat16 = true, Forms = "dxcyg" };

    public static TheoryData<string, bool, int, int, int, int, int> Portable => new()
    {
        { "simulation", false, 3, 3, 5, 1, 1 }, // small tile, ragged
        { "simulation", true, 5, 4, 3, 2, 0 },
        { "ptx", false, 5, 3, 12, 1, 1 },
        { "ptx", false, 37, 68, 24, 1, 0 }, // middle tile
        { "ptx", false, 37, 35, 24, 1, 3 },
        { "ptx", true, 36, 68, 9, 2, 0 },
        { "ptx", true, 35, 37, 9, 2, 1 },
        { "pocl", false, 97, 96, 130, 1, 0 },
        { "pocl", false, 97, 70, 131, 1, 1 },
        { "pocl", true, 96, 64, 97, 2, 0 },
        { "pocl", true, 70, 65, 97, 2, 2 },
    };

    [Theory]
    [MemberData(nameof(Portable))]
    public void The_gate_in_tiles_is_right(string kind, bool tokens, int m, int n, int k, int samples, int shift)
    {
        using var open = GpuTest.Open(kind, JoinProduct.Floats);
        var queue = new PairQueue(open.Queue);
        Assert.InRange(new JoinProduct(tokens, m, n, k, samples, shift).Error(queue), 0, Rounding);
        Assert.Contains("JoinedBackward<SwiGate, Float32Storage>", Assert.Single(queue.Names), StringComparison.Ordinal);
    }

    /// <summary>The tile is the product's own, so that sums run in the same order, and the operator is one text.</summary>
    [Theory]
    [InlineData(false, 37, 68, 24, 1, 0)]
    [InlineData(false, 5, 3, 12, 1, 1)]
    [InlineData(true, 36, 68, 9, 2, 0)]
    public void Tiles_make_the_bits_of_product_and_kernel(bool tokens, int m, int n, int k, int samples, int shift)
    {
        using var open = GpuTest.Open("ptx", JoinProduct.Floats);
        var queue = new PairQueue(open.Queue);
        Assert.True(new JoinProduct(tokens, m, n, k, samples, shift).IsAsSeparate(queue));
        Assert.Equal(3, queue.Names.Count);
    }

    /// <summary>The same with activations in bfloat16, each for itself.</summary>
    [Theory]
    [InlineData("simulation", false, 3, 3, 5, 1)]
    [InlineData("ptx", false, 37, 35, 24, 1)]
    [InlineData("ptx", true, 35, 37, 9, 2)]
    public void The_gate_in_tiles_takes_bfloat16(string kind, bool tokens, int m, int n, int k, int samples)
    {
        foreach (var forms in new[] { "dxcyg", "d", "x", "y", "g" })
        {
            using var open = GpuTest.Open(kind, JoinProduct.Floats);
            var queue = new PairQueue(open.Queue);
            Assert.InRange(new JoinProduct(tokens, m, n, k, samples, 1) { Forms = forms }.Error(queue), 0, Rounding);
            Assert.Contains("JoinedBackward<SwiGate, MixedStorage>", Assert.Single(queue.Names), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false, 72, 40, 104, 1, "GatedBackwardSmall")]
    [InlineData(false, 64, 64, 32, 1, "GatedBackwardSmall")]
    [InlineData(false, 136, 136, 72, 1, "GatedBackward")]
    [InlineData(true, 72, 40, 97, 2, "GatedColumnsBackwardSmall")]
    [InlineData(true, 64, 64, 32, 1, "GatedColumnsBackwardSmall")]
    [InlineData(true, 136, 136, 97, 1, "GatedColumnsBackward")]
    public void The_gate_on_tensor_cores_is_right(bool tokens, int m, int n, int k, int samples, string kernel)
    {
        using var open = GpuTest.Open("ptx", JoinProduct.Floats);
        var queue = new PairQueue(open.Queue) { IsLarge = !kernel.EndsWith("Small", StringComparison.Ordinal) };
        Assert.InRange(new JoinProduct(tokens, m, n, k, samples, 0) { Bfloat16 = true, Forms = "dxcyg" }.Error(queue), 0, 2 * Rounding);
        Assert.Equal($"TensorCoreKernels.{kernel}", queue.Names[^1]);
    }

    /// <summary>Where the epilogue is not possible the product and the kernel run one after the other, the product where it ran before.</summary>
    [Theory]
    [InlineData(false, 'd', false, "", "StoredSums<Float32Storage>>", "JoinProduct.Rows<GpuLane, GpuRef>")] // tiles would overwrite D
    [InlineData(true, 'd', false, "", "StoredSums<Float32Storage>>", "JoinProduct.Columns<GpuLane, GpuRef>")]
    [InlineData(false, 'g', true, "dxcy", "TensorCoreKernels.BackwardSmall", "JoinProduct.Rows<GpuLane, GpuMixedRef>")] // no such mixture
    [InlineData(true, 'g', true, "dcyg", "TensorCoreKernels.GradientSmall", "JoinProduct.Columns<GpuLane, GpuMixedRef>")]
    [InlineData(false, 'g', true, "xcyg", "TensorCoreKernels.Columns", "JoinProduct.Rows<GpuLane, GpuMixedRef>")] // D stayed float32
    public void What_no_tile_can_do_runs_by_itself(bool tokens, char gradientIn, bool bfloat16, string forms, string product, string kernel)
    {
        using var open = GpuTest.Open("ptx", JoinProduct.Floats);
        var queue = new PairQueue(open.Queue);
        Assert.InRange(new JoinProduct(tokens, 40, 40, 40, 1, 0) { Bfloat16 = bfloat16, Forms = forms, GradientIn = gradientIn }.Error(queue, hasDy: true), 0, Separate);
        Assert.EndsWith(product, queue.Names[^2], StringComparison.Ordinal);
        Assert.Equal(kernel, queue.Names[^1]);
    }

    /// <summary>A gradient may take the place of what it belongs to: each thread reads both before it writes both.</summary>
    [Theory]
    [InlineData(false, false, "")]
    [InlineData(true, false, "")]
    [InlineData(false, true, "dxcyg")]
    [InlineData(true, true, "dxcyg")]
    public void Gradients_may_overwrite_the_halves(bool tokens, bool bfloat16, string forms)
    {
        using var open = GpuTest.Open("ptx", JoinProduct.Floats);
        var queue = new PairQueue(open.Queue);
        Assert.InRange(new JoinProduct(tokens, 40, 40, 40, 1, 0) { Bfloat16 = bfloat16, Forms = forms, GradientIn = 'x' }.Error(queue), 0, 2 * Rounding);
    }

    [Theory]
    [InlineData("halves too near")]
    [InlineData("gradients too near")]
    [InlineData("Y's rows too near")]
    [InlineData("samples forgotten")]
    [InlineData("no mistake")]
    public void A_planted_mistake_is_noticed(string what)
    {
        var tokens = Fast with { Tokens = true, Samples = 2 };
        foreach (var product in new[] { Fast, tokens, Fast with { Bfloat16 = false, Forms = "" }, tokens with { Bfloat16 = false, Forms = "" } })
        {
            using var open = GpuTest.Open("ptx", JoinProduct.Floats);
            var matters = what switch { "no mistake" => false, "samples forgotten" => product.Tokens, _ => true };
            Assert.True(IsNoticed(product, new PairQueue(open.Interpreter) { Arguments = Mistaken }) == matters, $"{what}, {product}");
        }

        GpuArguments Mistaken(GpuArguments a)
        {
            switch (what)
            {
                case "halves too near": a.I14 -= 8; break;
                case "gradients too near": a.I15 -= 8; break;
                case "Y's rows too near": a.I11 -= 2; break;
                case "samples forgotten": a.J5 = a.J6 = a.J7 = 0; break;
            }

            return a;
        }
    }

    /// <summary>Mistakes in the emitted text itself.</summary>
    [Theory]
    [InlineData("gate and up swapped", "ld.global.b32 gate0, [x]", "ld.global.b32 gate0, [up]")]
    [InlineData("the first block's up", "ld.global.b32 up1, [up+16]", "ld.global.b32 up1, [up]")]
    [InlineData("columns swapped", "and.b32 pair, gate2, 0xFFFF0000", "shl.b32 pair, gate2, 16")]
    [InlineData("up's columns swapped", "shl.b32 pair, up3, 16", "and.b32 pair, up3, 0xFFFF0000")]
    [InlineData("sigmoid of the wrong sign", "0fBFB8AA3B", "0f3FB8AA3B")]
    [InlineData("a forgotten in y", "mul.f32 t, a, s; mul.f32 y1, t, b;", "mul.f32 t, a, s; mul.f32 y1, s, b;")]
    [InlineData("slope of the sigmoid forgotten", "sub.f32 t, a, t; add.f32 t, t, 0f3F800000;", "mov.f32 t, 0f3F800000;")]
    [InlineData("1 forgotten", "sub.f32 t, a, t; add.f32 t, t, 0f3F800000;", "sub.f32 t, a, t;")]
    [InlineData("up forgotten", "mul.f32 t, t, b; mul.f32 s, s, sum5;", "mul.f32 s, s, sum5;")]
    [InlineData("sum of a neighbour", "mul.f32 db1, sum1, t;", "mul.f32 db1, sum0, t;")]
    [InlineData("sum of another row", "mul.f32 s, s, sum2;", "mul.f32 s, s, sum0;")]
    [InlineData("result's columns swapped", "pair, da1, da0;", "pair, da0, da1;")]
    [InlineData("gradient of the wrong half", "st.global.b32 [db+32], pair;", "st.global.b32 [da+32], pair;")]
    [InlineData("y not stored", "@in st.global.b32 [y+48], pair;", "")]
    [InlineData("gradient beyond the matrix", "@in st.global.b32 [da], pair;", "st.global.b32 [da], pair;")]
    [InlineData("distance of gradients not set", "mul.wide.s32 apartGradient, %r", "mul.wide.s32 apartX, %r")]
    public void A_mutant_on_tensor_cores_is_noticed(string what, string from, string to)
    {
        using var open = GpuTest.Open("ptx", JoinProduct.Floats);
        var isChanged = false;
        var isNoticed = IsNoticed(Fast, new PairQueue(open.Interpreter) { Text = Mutate });
        Assert.True(isChanged, $"{what}: the text has nothing to change.");
        Assert.True(isNoticed, what);

        string Mutate(string text)
        {
            var mutant = text.Replace(from, to, StringComparison.Ordinal);
            isChanged |= mutant != text;
            return mutant;
        }
    }

    /// <summary>By the machine, by the result, or by what was not written.</summary>
    private static bool IsNoticed(JoinProduct product, PairQueue queue)
    {
        try
        {
            return !(product.Error(queue) <= 1e-4);
        }
        catch (PtxException)
        {
            return true;
        }
    }
}
