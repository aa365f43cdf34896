using System.Text.RegularExpressions;
using Graph.Execution;
using Graph.Operators;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Residual and norm in the tiles of a product that have whole rows, on tensor cores in the interpreter: full and ragged sizes, all forms, with and without the
/// statistic; when the product runs by itself; and every planted mistake is noticed.
/// </summary>
public sealed class NormEpilogueTests
{
    /// <summary>Of elements of about 1: float32 sums of up to 200 products and of 512 squares.</summary>
    private const double Rounding = 4e-6;

    private static readonly NormProduct Narrow = new(72, 104, 104);
    private static readonly NormProduct Wide = new(72, 56, 456);

    [Theory]
    [InlineData(64, 64, 128, "NormalizedNarrow")]
    [InlineData(72, 104, 104, "NormalizedNarrow")]
    [InlineData(33, 32, 32, "NormalizedNarrow")]
    [InlineData(130, 168, 70, "NormalizedNarrow")] // no whole blocks of eight columns
    [InlineData(64, 64, 512, "Normalized")]
    [InlineData(72, 56, 456, "Normalized")]
    [InlineData(37, 120, 136, "Normalized")]
    public void Rows_are_normalized_by_their_tile(int rows, int k, int n, string kernel)
    {
        var product = new NormProduct(rows, k, n);
        foreach (var tested in new[] { product, product with { Forms = "", IsSecond = true }, product with { Forms = "cr", IsAlone = true }, product with { Forms = "y" }, product with { ResultIn = "r" } })
        {
            using var open = GpuTest.Open("ptx", tested.Floats);
            GpuTest.NeedTensorCores();
            var queue = new PairQueue(open.Queue);
            Assert.InRange(tested.Error(queue), 0, Rounding);
            Assert.Equal($"TensorCoreKernels.{kernel}", queue.Names[^1]);
            Assert.Equal(0, (open.Queue as PtxQueue)?.MatrixConflicts ?? 0);
        }
    }

    /// <summary>Where the tile cannot do it, or too few rows would leave a device idle, product and row kernel run one after the other.</summary>
    [Theory]
    [InlineData("few rows", "TensorCoreKernels.ForwardSmall")]
    [InlineData("wider than a tile", "TensorCoreKernels.ForwardSmall")]
    [InlineData("y in x", "TensorCoreKernels.ForwardSmall")]
    [InlineData("C kept", "TensorCoreKernels.ForwardSmall")]
    [InlineData("y among the residual", "TensorCoreKernels.ForwardSmall")]
    [InlineData("float32", "GpuTiles.")]
    public void What_no_tile_can_do_runs_by_itself(string what, string product)
    {
        var tested = what switch
        {
            "few rows" => new NormProduct(65 * TensorCoreKernels.SmallTile, 40, 136) { IsShort = true },
            "wider than a tile" => new NormProduct(40, 40, 520) { IsShort = true },
            "y in x" => Narrow with { ResultIn = "x" },
            "C kept" => Narrow with { Keep = true },
            "y among the residual" => Narrow with { ResultIn = "half r" },
            _ => Narrow,
        };
        var isNoted = what is not ("wider than a tile" or "float32"); // too many rows, or the test's row kernel cannot do it
        using var open = GpuTest.Open("ptx", tested.Floats);
        var names = new PairQueue(isNoted ? null : open.Queue);
        if (isNoted)
        {
            names.Bfloat16Weights = new Bfloat16Copy(0, 1 << 16, 1 << 16);
            tested.Call<Add>(names);
        }
        else
        {
            // A C of bfloat16 would be rounded in between.
            Assert.InRange((tested with { Forms = "ry", WritesC = true }).Error(names, isFast: what != "float32"), 0, Rounding);
        }

        Assert.StartsWith(product, names.Names[^2], StringComparison.Ordinal);
        Assert.Equal("NormProduct.Kernel", names.Names[^1]);
    }

    [Fact]
    public void Only_a_sum_is_added()
    {
        var names = new PairQueue(null) { Bfloat16Weights = new Bfloat16Copy(0, 1 << 16, 1 << 16) };
        Narrow.Call<Mul>(names);
        Assert.Equal(["TensorCoreKernels.ForwardSmall", "NormProduct.Kernel"], names.Names.TakeLast(2));
    }

    /// <summary>Of both tiles, made wherever the text has it.</summary>
    [Theory]
    [InlineData("barrier before the sums missing", @"bar\.sync\s+0;(?![\s\S]*bar\.sync)", "")]
    [InlineData("barrier of the loop missing", @"bar\.sync\s+0;(?=[\s\S]*bar\.sync)", "")]
    [InlineData("waits for too little", @"wait_group \d", "wait_group 2")]
    [InlineData("wrong shuffle", @"scale3, 2, 0x1f", "scale3, 1, 0x1f")]
    [InlineData("shuffle missing", @"shfl\.sync\.bfly\.b32 x, scale0, 1, 0x1f, 0xffffffff; add\.f32 scale0, scale0, x;", "")]
    [InlineData("square missing", @"fma\.rn\.f32 scale1, sum7, sum7, scale1;", "")]
    [InlineData("sums of a warp missing", @"(ld\.shared\.f32 x, [^;]*;) add\.f32 scale1, scale1, x;", "$1")]
    [InlineData("sums of a warp at another's place", @"st\.shared\.f32 \[at\+32\], scale1;", "st.shared.f32 [at], scale1;")]
    [InlineData("residual missing", @"@in add\.f32 sum1, sum1, y;", "")]
    [InlineData("residual of a neighbour", @"@in add\.f32 sum4, sum4, x;", "@in add.f32 sum4, sum4, y;")]
    [InlineData("eps missing", @"add\.f32 scale0, scale0, %f\d+; sqrt", "sqrt")]
    [InlineData("mean missing", @"div\.rn\.f32 scale0, scale0, x;", "")]
    [InlineData("root missing", @"sqrt\.rn\.f32 scale2, scale2;", "")]
    [InlineData("scale of another row", @"mul\.f32 sum5, sum5, scale0;", "mul.f32 sum5, sum5, scale1;")]
    [InlineData("not scaled", @"mul\.f32 sum2, sum2, scale1;", "")]
    [InlineData("statistic of another row", @"@in st\.global\.f32 \[at\], scale1;", "@in st.global.f32 [at], scale0;")]
    [InlineData("statistic of all lanes", @"setp\.lt\.and\.s32 in, (%r\d+), (%r\d+), in;", "setp.lt.s32 in, $1, $2;")]
    [InlineData("result behind the last row", @"@in (st\.global\.b32 \[at\], pair;)", "$1")]
    [InlineData("halves of a result swapped", "pair, sum1, sum0;", "pair, sum0, sum1;")]
    [InlineData("no mistake", @"$", " ")]
    public void A_mutant_is_noticed(string what, string from, string to)
    {
        foreach (var product in new[] { Narrow, Wide })
        {
            using var open = GpuTest.Open("ptx", product.Floats);
            var isChanged = false;
            var isNoticed = IsNoticed(product, new PairQueue(open.Interpreter) { Text = Mutate });
            Assert.True(isChanged, $"{what}: the text has nothing to change.");
            Assert.True(isNoticed == (what != "no mistake"), $"{what}, {product}");

            string Mutate(string text)
            {
                var mutant = new Regex(from).Replace(text, to);
                isChanged |= mutant != text;
                return mutant;
            }
        }
    }

    /// <summary>Lines of 32 bytes in the wide tile: without the swizzle it is right but slow.</summary>
    [Fact]
    public void A_missing_swizzle_is_noticed()
    {
        using var open = GpuTest.Open("ptx", Wide.Floats);
        var queue = new PairQueue(open.Interpreter) { Text = text => Regex.Replace(text, @"xor\.b32(\s+%r\d+), (%r\d+), %r\d+;", "mov.b32$1, $2;") };
        Assert.InRange(Wide.Error(queue), 0, Rounding);
        Assert.NotEqual(0, open.Interpreter.MatrixConflicts);
    }

    /// <summary>By the machine, by the result, or by what was not written.</summary>
    private static bool IsNoticed(NormProduct product, GpuQueue queue)
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
