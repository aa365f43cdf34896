using System.Text.RegularExpressions;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Every wrong change of the PTX of emitted tensor-core products is noticed: by the checker, by the machine, by the result, or by bank
/// conflicts. So the tests that pass on the unchanged text say something.
/// </summary>
public sealed class TensorCoreMutantTests
{
    private const string WrongResult = "wrong result";
    private const string Conflicts = "bank conflicts";

    private static readonly TensorCoreMatrices.Product Mixed = new(ProductLayout.NT, 72, 72, 168, 64, 64, 128) { Adds = true };
    private static readonly TensorCoreMatrices.Product Gradient = new(ProductLayout.TN, 72, 72, 170, 64, 64, 128) { RightIsCopied = false, Adds = true, Accumulates = true };
    private static readonly TensorCoreMatrices.Product Forward = new(ProductLayout.NT, 72, 72, 168, 64, 64, 128) { LeftIsCopied = true, Adds = true, ResultIsBfloat16 = true };
    private static readonly TensorCoreMatrices.Product Columns = new(ProductLayout.NN, 97, 72, 97, 64, 64, 128) { LeftIsRagged = true, Adds = true };
    private static readonly TensorCoreMatrices.Product ColumnsGradient = new(ProductLayout.NT, 97, 97, 64, 64, 64, 128) { LeftIsCopied = true, Samples = 2, Adds = true, Accumulates = true };
    private static readonly TensorCoreMatrices.Product Copied = new(ProductLayout.TN, 72, 72, 170, 64, 64, 128) { LeftIsCopied = true };

    /// <summary>A factor through registers, a factor copied; both with deep lines.</summary>
    [Theory]
    [InlineData("waits for too little", "wait_group 1", "wait_group 2", "has not been waited for")]
    [InlineData("copies not closed", @"cp\.async\.commit_group;(?![\s\S]*commit_group)", "", "has not been waited for")]
    [InlineData("barrier missing", @"bar\.sync\s+0;", "", "shared byte")]
    [InlineData("barrier of half a warp", @"bar\.sync\s+0;", "{ .reg .pred q; setp.lt.u32 q, %tid.x, 16; @q bar.sync 0; }", "divergence: barrier")]
    [InlineData("fragments of A swapped", @"\{left0,left1,left2,left3\}, \{right0", "{left0,left2,left1,left3}, {right0", WrongResult)]
    [InlineData("fragments of B swapped", @"\{right0,right1\}, \{sum", "{right1,right0}, {sum", WrongResult)]
    [InlineData("columns swapped", @"\{right0,right1\}, \{sum", "{right2,right3}, {sum", WrongResult)]
    [InlineData("sum not cleared", "mov.f32 sum2, 0f00000000;", "", WrongResult)]
    [InlineData("sum used twice", @"\{sum4,sum5,sum6,sum7\}", "{sum0,sum1,sum2,sum3}", WrongResult)]
    [InlineData("halves of a pair swapped", "pair0, leftHeld1, leftHeld0", "pair0, leftHeld0, leftHeld1", WrongResult)]
    [InlineData("matrix transposed", "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {right0", "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {right0", WrongResult)]
    [InlineData("stores beyond C", @"@in (st\.global\.v2\.f32 \[at\], \{sum16,)", "$1", "race at global byte")]
    [InlineData("residual forgotten", "@in add.f32 sum0, sum0, x;", "", WrongResult)]
    [InlineData("register not declared", @"\{right0,right1\}, \{sum", "{right0,rigth1}, {sum", "rigth1 is not declared")]
    [InlineData("opcode mistyped", "ldmatrix", "ldmatrx", "unknown opcode ldmatrx")]
    [InlineData("fragment of three registers", @"\{left0,left1,left2,left3\}, \{right0", "{left0,left1,left2}, {right0", "has 3 registers, not 4")]
    [InlineData("sums of another type", @"\.reg \.f32 sum<32>", ".reg .s32 sum<32>", ".f32 is needed")]
    [InlineData("copy of eight bytes", @"\[from\], 16, bytes;", "[from], 8, bytes;", "copies of 8 bytes are not allowed")]
    [InlineData("misaligned load", @"(ld\.global\.v4\.f32 \{leftHeld4,[^\[]*\[from)\+16\]", "$1+12]", "misaligned")]
    [InlineData("product of half a warp", @"(mma\.sync[^;]*;)", "{ .reg .pred q; setp.lt.u32 q, %tid.x, 16; @q $1 }", "divergence: mma.sync")]
    public void A_mutant_of_a_mixed_product_is_noticed(string what, string from, string to, string message) => Noticed(what, Variant("Mixed"), Mixed, from, to, message);

    /// <summary>Both factors copied, and a result that is read and written as bfloat16.</summary>
    [Theory]
    [InlineData("waits for too little", "wait_group 1", "wait_group 2", "has not been waited for")]
    [InlineData("barrier missing", @"bar\.sync\s+0;", "", "shared byte")]
    [InlineData("halves of a result swapped", "cvt.rn.bf16x2.f32 pair, sum1, sum0;", "cvt.rn.bf16x2.f32 pair, sum0, sum1;", WrongResult)]
    [InlineData("result of a neighbour", "cvt.rn.bf16x2.f32 pair, sum5, sum4;", "cvt.rn.bf16x2.f32 pair, sum5, sum0;", WrongResult)]
    [InlineData("result cut instead of rounded", "cvt.rn.bf16x2.f32 pair, sum1, sum0;", "{ .reg .b16 low, first, second; mov.b32 {low, first}, sum0; mov.b32 {low, second}, sum1; mov.b32 pair, {first, second}; }", WrongResult)]
    [InlineData("halves of what is added swapped", @"shl\.b32 low, pair, 16; mov\.b32 x, low; and\.b32 pair, pair, 0xFFFF0000; mov\.b32 y, pair;", "shl.b32 low, pair, 16; mov.b32 y, low; and.b32 pair, pair, 0xFFFF0000; mov.b32 x, pair;", WrongResult)]
    [InlineData("lower half not cleared", @"and\.b32 pair, pair, 0xFFFF0000; ", "", WrongResult)]
    [InlineData("residual forgotten", @"(mov\.b32 y, pair; @in add\.f32 sum0, sum0, x;) @in add\.f32 sum1, sum1, y;", "$1", WrongResult)]
    [InlineData("stores beyond C", @"@in (st\.global\.b32 \[at\+32\], pair;)", "$1", "race at global byte")]
    [InlineData("column of another block", "@in st.global.b32 [at+16], pair;", "@in st.global.b32 [at+32], pair;", WrongResult)]
    [InlineData("result at an odd place", "@in st.global.b32 [at], pair;", "@in st.global.b32 [at+2], pair;", "misaligned")]
    public void A_mutant_of_the_forward_product_is_noticed(string what, string from, string to, string message) => Noticed(what, TensorCore("ForwardSmall"), Forward, from, to, message);

    /// <summary>Both factors through registers, with wide lines, transposed on the way.</summary>
    [Theory]
    [InlineData("barrier missing", @"bar\.sync\s+0;", "", "shared byte")]
    [InlineData("matrix not transposed", @"x4\.trans\.shared\.b16 \{left0", "x4.shared.b16 {left0", WrongResult)]
    [InlineData("fragments of A swapped", @"\{left0,left1,left2,left3\}, \{right0", "{left0,left2,left1,left3}, {right0", WrongResult)]
    [InlineData("summed index of a wrong block", @"\{right0,right1,right2,right3\}, \[at\+2048\]", "{right0,right1,right2,right3}, [at]", WrongResult)]
    [InlineData("accumulation forgotten", "@in ld.global.v2.f32 {x,y}, [at+32];", "mov.f32 x, 0f00000000; mov.f32 y, 0f00000000;", WrongResult)]
    [InlineData("what is under way declared twice", @"\.reg \.f32 rightHeld<16>", ".reg .f32 leftHeld<16>", "declared twice")]
    public void A_mutant_of_a_rounded_gradient_is_noticed(string what, string from, string to, string message) => Noticed(what, Variant("RoundedGradient"), Gradient, from, to, message);

    /// <summary>A weight of ragged rows, both ways.</summary>
    [Theory]
    [InlineData("barrier missing", @"bar\.sync\s+0;", "", int.MaxValue, "shared byte")]
    [InlineData("element of another line", @"(leftHeld5, \[from\];) add\.u64 from, from, %rd\d+;", "$1", int.MaxValue, WrongResult)]
    [InlineData("element stored at another's place", @"\[to\+512\], rounded;", "[to], rounded;", int.MaxValue, "shared byte")]
    [InlineData("cut instead of rounded", @"cvt\.rn\.bf16\.f32 rounded, leftHeld3;", "{ .reg .b16 low; mov.b32 {low, rounded}, leftHeld3; }", int.MaxValue, WrongResult)]
    [InlineData("fragments of A swapped", @"\{left0,left1,left2,left3\}, \{right0", "{left0,left2,left1,left3}, {right0", 1, WrongResult)]
    [InlineData("swizzle missing where tiles are written", @"xor\.b32(\s+%r\d+), (%r\d+), %r\d+;", "mov.b32$1, $2;", 1, WrongResult)]
    public void A_mutant_of_ragged_columns_is_noticed(string what, string from, string to, int times, string message)
    {
        Noticed(what, TensorCore("Columns"), Columns, from, to, message, times);
        Noticed(what, TensorCore("ColumnsBackward"), Columns with { Layout = ProductLayout.TN }, from, to, message, times);
    }

    /// <summary>
    /// The guards of ragged elements, in their line and of their line. The one that ends summed indices is seen in the sums; where the other one
    /// is gone, what is loaded has no place in C.
    /// </summary>
    [Theory]
    [InlineData("elements behind a line", "Columns", ProductLayout.NN, "setp.gt.s32 in, lines, $1;")]
    [InlineData("a line too few", "Columns", ProductLayout.NN, "sub.s32 lines, lines, 1; setp.gt.and.s32 in, lines, $1, before;")]
    [InlineData("lines behind the factor", "ColumnsBackward", ProductLayout.TN, "mov.pred in, before;")]
    [InlineData("a line too many", "ColumnsBackward", ProductLayout.TN, "setp.ge.and.s32 in, lines, $1, before;")]
    public void A_wrong_guard_of_ragged_columns_is_noticed(string what, string kernel, ProductLayout layout, string to) =>
        Noticed(what, TensorCore(kernel), Columns with { Layout = layout }, @"setp\.gt\.and\.s32 in, lines, (\d+), before;", to, WrongResult, int.MaxValue);

    /// <summary>Its gradient: sums over samples, and a C that is loaded and stored one by one.</summary>
    [Theory]
    [InlineData("barrier missing", @"bar\.sync\s+0;", "", "shared byte")]
    [InlineData("fragments of B swapped", @"\{right0,right1\}, \{sum", "{right1,right0}, {sum", WrongResult)]
    [InlineData("second column not added", "@in add.f32 sum1, sum1, x;", "", WrongResult)]
    [InlineData("columns of C swapped", @"st\.global\.f32 \[at\+4\], sum1;", "st.global.f32 [at+4], sum0;", WrongResult)]
    [InlineData("stores beyond C", @"@in (st\.global\.f32 \[at\+4\], sum17;)", "$1", "race at global byte")]
    [InlineData("pairs stored at odd places", @"st\.global\.f32 \[at\], sum0;", "st.global.v2.f32 [at], {sum0,sum1};", "misaligned")]
    public void A_mutant_of_the_ragged_gradient_is_noticed(string what, string from, string to, string message) => Noticed(what, TensorCore("ColumnsGradient"), ColumnsGradient, from, to, message);

    /// <summary>Without its swizzle on both sides a product is right but slow; on one side it is wrong.</summary>
    [Theory]
    [InlineData("swizzle missing everywhere", @"xor\.b32(\s+%r\d+), (%r\d+), %r\d+;", "mov.b32$1, $2;", int.MaxValue, Conflicts)]
    [InlineData("swizzle missing where tiles are written", @"xor\.b32(\s+%r\d+), (%r\d+), %r\d+;", "mov.b32$1, $2;", 1, WrongResult)]
    public void A_missing_swizzle_is_noticed(string what, string from, string to, int times, string message)
    {
        Noticed(what, Variant("CopiedGradient"), Copied, from, to, message, times);
        Noticed(what, Variant("Mixed"), Mixed, from, to, message, times);
        Noticed(what, TensorCore("ForwardSmall"), Forward, from, to, message, times);
    }

    /// <summary>Where the guard of every load is gone, what lies behind the factor gets into the sums.</summary>
    [Theory]
    [InlineData("copies beyond the factor", "selp.u32 bytes, 16, 0, in;", "mov.u32 bytes, 16;")]
    [InlineData("loads beyond the factor", "@in ld.global.v4", "ld.global.v4")]
    public void A_missing_guard_is_noticed(string what, string from, string to) => Noticed(what, Variant("Mixed"), Mixed, from, to, WrongResult, int.MaxValue);

    private static string TensorCore(string name) => OfflineCompiler.Ptx(typeof(Graph.Operators.TensorCoreKernels).GetMethod(name)!);

    private static string Variant(string name) => OfflineCompiler.Ptx(typeof(TensorCoreVariants).GetMethod(name)!);

    private static void Noticed(string what, string text, TensorCoreMatrices.Product product, string from, string to, string message, int times = 1)
    {
        // What is plain text stands for itself.
        var pattern = from.Contains('\\', StringComparison.Ordinal) ? from : Regex.Escape(from);
        var mutant = new Regex(pattern).Replace(text, to, times);
        Assert.True(mutant != text, $"{what}: the text has nothing to change.");
        var matrices = new TensorCoreMatrices(product);
        switch (message)
        {
            case WrongResult:
                Assert.False(matrices.Error(PtxQueue.Parse(mutant)).Rounded <= 1e-4, what);
                break;
            case Conflicts:
                Assert.InRange(matrices.Error(PtxQueue.Parse(mutant)).Rounded, 0, 1e-5);
                Assert.NotEqual(0, matrices.Conflicts);
                break;
            default:
                Assert.Contains(message, Assert.Throws<PtxException>(() => matrices.Error(PtxQueue.Parse(mutant))).Message, StringComparison.Ordinal);
                break;
        }
    }
}
