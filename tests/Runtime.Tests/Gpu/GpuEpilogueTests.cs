using System.Text.RegularExpressions;
using Graph.Execution;
using Graph.Operators;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Row work in the tiles of the product that it reads: gates and rotations, portable and on tensor cores, at full and ragged sizes, with and
/// without C; and every planted mistake is noticed.
/// </summary>
public sealed class GpuEpilogueTests
{
    /// <summary>Float32 sums of up to 200 products, and an approximate exponential.</summary>
    private const double Rounding = 2e-6;

    private static readonly PairProduct Gate = new("gate", 37, 24, 20, 1, true, 0);
    private static readonly PairProduct Rotation = new("rotate", 37, 24, 4, 2, false, 0);
    private static readonly PairProduct FastGate = new("gate", 72, 104, 40, 1, true, 0) { Bfloat16 = true, Forms = "xcy" };
    private static readonly PairProduct FastRotation = new("rotate", 72, 104, 8, 2, true, 0) { Bfloat16 = true, Forms = "xcy" };

    public static TheoryData<string, string, int, int, int, int, bool, int> Portable => new()
    {
        { "simulation", "gate", 3, 5, 3, 1, true, 1 }, // small tile, ragged
        { "simulation", "gate", 20, 12, 18, 1, false, 0 }, // middle tile
        { "simulation", "rotate", 3, 12, 2, 2, false, 0 },
        { "simulation", "rotate", 20, 5, 2, 3, true, 1 },
        { "ptx", "gate", 3, 5, 3, 1, true, 1 },
        { "ptx", "gate", 37, 24, 35, 1, false, 0 },
        { "ptx", "gate", 37, 24, 35, 1, true, 3 },
        { "ptx", "rotate", 5, 12, 2, 2, false, 0 },
        { "ptx", "rotate", 37, 24, 3, 2, true, 3 },
        { "pocl", "gate", 97, 130, 96, 1, true, 0 },
        { "pocl", "gate", 97, 130, 70, 1, false, 1 },
        { "pocl", "rotate", 97, 64, 8, 3, true, 0 },
        { "pocl", "rotate", 97, 65, 5, 3, false, 2 },
    };

    [Theory]
    [MemberData(nameof(Portable))]
    public void Row_work_in_tiles_is_right(string kind, string work, int rows, int k, int half, int heads, bool keep, int shift)
    {
        using var open = GpuTest.Open(kind, PairProduct.Floats);
        var queue = new PairQueue(open.Queue);
        Assert.InRange(new PairProduct(work, rows, k, half, heads, keep, shift).Error(queue), 0, Rounding);
        Assert.Contains("Pairs", Assert.Single(queue.Names), StringComparison.Ordinal);
    }

    /// <summary>The same with activations in bfloat16, each for itself.</summary>
    [Theory]
    [InlineData("simulation", "gate", 3, 5, 3, 1)]
    [InlineData("simulation", "rotate", 20, 5, 2, 3)]
    [InlineData("ptx", "gate", 37, 24, 35, 1)]
    [InlineData("ptx", "rotate", 37, 24, 3, 2)]
    [InlineData("pocl", "gate", 97, 130, 70, 1)]
    [InlineData("pocl", "rotate", 97, 65, 5, 3)]
    public void Row_work_in_tiles_takes_bfloat16(string kind, string work, int rows, int k, int half, int heads)
    {
        foreach (var forms in new[] { "xcy", "x", "c", "y", "xy" })
        {
            using var open = GpuTest.Open(kind, PairProduct.Floats);
            var queue = new PairQueue(open.Queue);
            Assert.InRange(new PairProduct(work, rows, k, half, heads, true, 1) { Forms = forms }.Error(queue), 0, Rounding);
            Assert.Contains("MixedStorage", Assert.Single(queue.Names), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("gate", 72, 104, 40, 1, true, "GatedSmall")]
    [InlineData("gate", 64, 32, 32, 1, false, "GatedSmall")]
    [InlineData("gate", 136, 104, 72, 1, true, "Gated")]
    [InlineData("rotate", 72, 104, 8, 2, true, "RotatedSmall")]
    [InlineData("rotate", 81, 64, 24, 1, false, "RotatedSmall")] // groups that are no divisor of a tile
    [InlineData("rotate", 40, 40, 32, 1, false, "RotatedSmall")]
    [InlineData("rotate", 136, 72, 24, 1, true, "Rotated")]
    public void Row_work_on_tensor_cores_is_right(string work, int rows, int k, int half, int heads, bool keep, string kernel)
    {
        foreach (var forms in new[] { "xcy", "x", "xc", "xy" })
        {
            using var open = GpuTest.Open("ptx", PairProduct.Floats);
            var queue = new PairQueue(open.Queue) { IsLarge = !kernel.EndsWith("Small", StringComparison.Ordinal) };
            Assert.InRange(new PairProduct(work, rows, k, half, heads, keep, 0) { Bfloat16 = true, Forms = forms }.Error(queue), 0, 2 * Rounding);
            Assert.Equal($"TensorCoreKernels.{kernel}", queue.Names[^1]);
        }
    }

    /// <summary>Where the epilogue is not possible the product and the row kernel run one after the other, the product where it ran before.</summary>
    [Theory]
    [InlineData("gate", 40, false, "", true, "GpuTiles.Middle<DeepVector, DeepVector, StoredSums<Float32Storage>>")] // tiles would overwrite x
    [InlineData("rotate", 8, false, "", true, "GpuTiles.Middle<DeepVector, DeepVector, StoredSums<Float32Storage>>")]
    [InlineData("rotate", 8, false, "y", true, "GpuTiles.Middle<DeepVector, DeepVector, StoredSums<Float32Storage>>")]
    [InlineData("rotate", 8, true, "xy", true, "TensorCoreKernels.ForwardSmall")]
    [InlineData("gate", 36, true, "x", false, "TensorCoreKernels.ForwardSmall")] // no blocks of eight
    [InlineData("rotate", 12, true, "x", false, "TensorCoreKernels.ForwardSmall")]
    public void What_no_tile_can_do_runs_by_itself(string work, int half, bool bfloat16, string forms, bool resultInX, string product)
    {
        using var open = GpuTest.Open("ptx", PairProduct.Floats);
        var queue = new PairQueue(open.Queue);
        Assert.InRange(new PairProduct(work, 40, 40, half, 1, true, 0) { Bfloat16 = bfloat16, Forms = forms }.Error(queue, resultInX), 0, 2 * Rounding);
        Assert.Equal([product, work == "gate" ? "PairProduct.Gate" : forms.Contains('y', StringComparison.Ordinal) ? "Rope.Kernel<MixedStorage>" : "Rope.Kernel<Float32Storage>"], queue.Names.TakeLast(2));
    }

    /// <summary>A product that nothing takes would be lost.</summary>
    [Fact]
    public void A_second_product_does_not_wait()
    {
        using var open = GpuTest.Open("ptx", 64);
        var worker = open.Worker(1);
        Wait();
        Assert.Contains("did not come", Assert.Throws<InvalidOperationException>(Wait).Message, StringComparison.Ordinal);

        void Wait() => MatMul.RowsForNext(worker, GpuQueue.Place(0), 4, GpuQueue.Place(0), GpuQueue.Place(32), 4, 4, 4, 4, keep: true);
    }

    [Theory]
    [InlineData("columns paired wrongly")]
    [InlineData("C not written")]
    [InlineData("rotation backwards")]
    [InlineData("k not rotated")]
    [InlineData("v rotated")]
    [InlineData("positions do not repeat")]
    [InlineData("no mistake")]
    public void A_planted_mistake_is_noticed(string what)
    {
        foreach (var product in new[] { Gate, Rotation, FastGate, FastRotation })
        {
            using var open = GpuTest.Open("ptx", PairProduct.Floats);
            var isGate = product.Work == "gate";
            var matters = what switch { "columns paired wrongly" => true, "C not written" => product.Keep, "no mistake" => false, _ => !isGate };
            Assert.True(IsNoticed(product, new PairQueue(open.Interpreter) { Arguments = Mistaken }) == matters, $"{what}, {product}");
        }

        GpuArguments Mistaken(GpuArguments a)
        {
            switch (what)
            {
                case "columns paired wrongly": a.I11 -= a.I11 > 4 ? 8 : 2; break;
                case "C not written": a.I13 = 0; break;
                case "rotation backwards": a.F0 = -a.F0; break;
                case "k not rotated": a.I15 /= 2; break;
                case "v rotated": a.I15 = a.I1; break;
                case "positions do not repeat": a.I14 = int.MaxValue; break;
            }

            return a;
        }
    }

    /// <summary>Mistakes in the emitted text itself, of results in bfloat16 and in float32. Each is made everywhere, for the other form's text may come first.</summary>
    [Theory]
    [InlineData("gate", "xcy", "partner forgotten", @"add\.u64 at, at, partner2; ", "")]
    [InlineData("gate", "xcy", "partner of float32", "add.u64 at, at, partner2; ", "add.u64 at, at, partner4; ")]
    [InlineData("gate", "xcy", "half of C missing", @"add\.u64 at, at, partner2; cvt\.rn\.bf16x2\.f32 pair, sum5, sum4; @in st\.global\.b32 \[at\], pair;", "")]
    [InlineData("gate", "xcy", "halves of C swapped", "pair, sum1, sum0;", "pair, sum0, sum1;")]
    [InlineData("gate", "xcy", "halves of the result swapped", "pair, y, x;", "pair, x, y;")]
    [InlineData("gate", "xcy", "gate and up swapped", @"mul\.f32 z, sum0, 0fBFB8AA3B", "mul.f32 z, sum4, 0fBFB8AA3B")]
    [InlineData("gate", "xcy", "sigmoid of the wrong sign", "0fBFB8AA3B", "0f3FB8AA3B")]
    [InlineData("gate", "xcy", "result beyond C", @"pair, y, x; @in (st\.global\.b32)", "pair, y, x; $1")]
    [InlineData("gate", "x", "partner of bfloat16", "add.u64 at, at, partner4; ", "add.u64 at, at, partner2; ")]
    [InlineData("gate", "x", "half of C missing", @"add\.u64 at, at, partner4; @in st\.global\.v2\.f32 \[at\], \{sum4,sum5\};", "")]
    [InlineData("gate", "x", "result beyond C", @"@in (st\.global\.v2\.f32 \[at\], \{x,y\};)", "$1")]
    [InlineData("rotate", "xcy", "wrong sign of a sine", @"sub\.f32 x, z, w", "add.f32 x, z, w")]
    [InlineData("rotate", "xcy", "other half missing", @"add\.f32 x, z, w; [^@]*@in st\.global\.b32 \[at\], pair;", "")]
    [InlineData("rotate", "xcy", "sine of a neighbour", @"mul\.f32 w, sum5, sine1", "mul.f32 w, sum5, sine0")]
    [InlineData("rotate", "xcy", "angles of bfloat16", "add.u64 angle, angle, partner4;", "add.u64 angle, angle, partner2;")]
    [InlineData("rotate", "xcy", "cosine for all", @"@turned (ld\.global\.v2\.f32 \{cosine0)", "$1")]
    [InlineData("rotate", "x", "other half missing", @"add\.f32 x, z, w; [^@]*@in st\.global\.v2\.f32 \[at\], \{x,y\};", "")]
    public void A_mutant_on_tensor_cores_is_noticed(string work, string forms, string what, string from, string to)
    {
        using var open = GpuTest.Open("ptx", PairProduct.Floats);
        var isChanged = false;
        var queue = new PairQueue(open.Interpreter) { Text = Mutate };
        var isNoticed = IsNoticed((work == "gate" ? FastGate : FastRotation) with { Forms = forms }, queue);
        Assert.True(isChanged, $"{what}: the text has nothing to change.");
        Assert.True(isNoticed, what);

        string Mutate(string text)
        {
            var pattern = from.Contains('\\', StringComparison.Ordinal) ? from : Regex.Escape(from);
            var mutant = new Regex(pattern).Replace(text, to);
            isChanged = mutant != text;
            return mutant;
        }
    }

    /// <summary>By the machine, by the result, or by what was not written.</summary>
    private static bool IsNoticed(PairProduct product, PairQueue queue)
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
