using System.Text.RegularExpressions;
using Graph.Operators;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Every wrong change of the PTX of one of the scan's tensor-core kernels among right ones is noticed: by the checker, by the machine, by the
/// results, or by bank conflicts. Two panels of the state, two blocks of positions, a short last chunk.
/// </summary>
public sealed class TensorCoreScanMutantTests
{
    private const string WrongResult = "wrong result";
    private const string Conflicts = "bank conflicts";
    private const string Barrier = @"bar\.sync\s+0;";

    private static readonly ScanSizes Sizes = new(1, 258, 2, 1, 20, 68, 72, -1);
    private static readonly Lazy<TensorCoreScan> Float32 = new(() => new(Sizes));
    private static readonly Lazy<TensorCoreScan> Bfloat16 = new(() => new(Sizes, "xbc dy y dxbc"));

    /// <summary>What all kernels share, each change in another one.</summary>
    [Theory]
    [InlineData("Gram", "barrier before loads missing", Barrier, "", 0, "shared byte")]
    [InlineData("Gram", "barrier before products missing", Barrier, "", 1, "shared byte")]
    [InlineData("Gram", "barrier before sums missing", Barrier, "", 2, "shared byte")]
    [InlineData("States", "fragments of A swapped", @"\{left0,left1,left2,left3\}, \{right0", "{left0,left2,left1,left3}, {right0", 0, WrongResult)]
    [InlineData("Output", "fragments of B swapped", @"\{right0,right1\}, \{sum", "{right1,right0}, {sum", 0, WrongResult)]
    [InlineData("Output", "columns swapped", @"\{right2,right3\}, \{sum", "{right4,right5}, {sum", 1, WrongResult)]
    [InlineData("StateGradients", "sum not cleared", @"mov\.f32 sum5, 0f00000000;", "", 0, WrongResult)]
    [InlineData("StateGradients", "columns one block on", @"\[at\+2048\]", "[at]", 0, WrongResult)]
    [InlineData("GramGradient", "halves of a pair swapped", @"pair2, (%f\d+), (%f\d+);", "pair2, $2, $1;", 0, WrongResult)]
    [InlineData("GramGradient", "sum in the wrong place", @"(mov\.f32\s+%f\d+), sum9;", "$1, sum8;", 0, WrongResult)]
    [InlineData("InputGradient", "rows transposed", @"x4(\.shared\.b16 \{left0)", "x4.trans$1", 0, WrongResult)]
    [InlineData("InputGradient", "product of half a warp", @"(mma\.sync[^;]*;)", "{ .reg .pred q; setp.lt.u32 q, %tid.x, 16; @q $1 }", 0, "divergence: mma.sync")]
    [InlineData("StateVectorGradient", "swizzle missing where a panel is written", @"xor\.b32(\s+%r\d+), (%r\d+), %r\d+;", "mov.b32$1, $2;", 0, "shared byte")]
    [InlineData("StateVectorGradient", "register not declared", @"\{right0,right1\}, \{sum", "{right0,rigth1}, {sum", 0, "rigth1 is not declared")]
    public void A_mutant_of_a_product_is_noticed(string kernel, string what, string from, string to, int which, string message) => Noticed(kernel, what, from, to, which, message);

    /// <summary>What the scan adds to its products: every decay and scale, masks, states passed on.</summary>
    [Theory]
    [InlineData("States", "state not decayed", @"mul\.f32(\s+%f\d+), %f\d+, (%f\d+);", "mov.f32$1, $2;", 0, WrongResult)]
    [InlineData("States", "input without its push", @"mul\.f32(\s+%f\d+), (%f\d+), %f\d+;", "mov.f32$1, $2;", 16, WrongResult)]
    [InlineData("Output", "decay missing", @"ex2\.approx\.f32(\s+%f\d+), %f\d+;", "mov.f32$1, 0f3F800000;", 0, WrongResult)]
    [InlineData("Output", "positions after this one", @"and\.pred[^;]*;\s+selp\.b32(\s+%f\d+), (%f\d+), 0f00000000, %p\d+;", "mov.f32$1, $2;", 0, WrongResult)]
    [InlineData("Output", "barrier between two products missing", Barrier, "", 3, "shared byte")]
    [InlineData("StateGradients", "gradient not decayed", @"mul\.f32(\s+%f\d+), %f\d+, (%f\d+);", "mov.f32$1, $2;", 17, WrongResult)]
    [InlineData("GramGradient", "decay missing", @"ex2\.approx\.f32(\s+%f\d+), %f\d+;", "mov.f32$1, 0f3F800000;", 5, WrongResult)]
    [InlineData("InputGradient", "decay missing", @"ex2\.approx\.f32(\s+%f\d+), %f\d+;", "mov.f32$1, 0f3F800000;", 7, WrongResult)]
    [InlineData("InputGradient", "positions before this one", @"and\.pred[^;]*;\s+selp\.b32(\s+%f\d+), (%f\d+), 0f00000000, %p\d+;", "mov.f32$1, $2;", 3, WrongResult)]
    [InlineData("InputGradient", "last barrier missing", Barrier, "", 7, "shared byte")]
    [InlineData("StateVectorGradient", "barrier between sums and rows missing", Barrier, "", 6, "shared byte")]
    [InlineData("StateVectorGradient", "head's rows not scaled", @"mul\.f32(\s+%f\d+), %f\d+, (%f\d+);", "mov.f32$1, $2;", 3, WrongResult)]
    public void A_mutant_of_a_scan_kernel_is_noticed(string kernel, string what, string from, string to, int which, string message) => Noticed(kernel, what, from, to, which, message);

    /// <summary>Without its swizzle on both sides a kernel is right but slow; with no guard, what lies behind a factor gets into the sums.</summary>
    [Theory]
    [InlineData("Gram", "swizzle missing everywhere", @"xor\.b32(\s+%r\d+), (%r\d+), %r\d+;", "mov.b32$1, $2;", Conflicts)]
    [InlineData("StateGradients", "guards missing", @"selp\.b32(\s+%f\d+), (%f\d+), 0f00000000, %p\d+;", "mov.f32$1, $2;", WrongResult)]
    public void A_mutant_in_many_places_is_noticed(string kernel, string what, string from, string to, string message) => Noticed(kernel, what, from, to, null, message);

    /// <summary>What storage as bfloat16 adds: marks, pairs, rounding.</summary>
    [Theory]
    [InlineData("Gram", "upper half of a pair taken for the lower", @"shl\.b32(\s+%r\d+), (%r\d+), 16;", "and.b32$1, $2, 4294901760;", 0, WrongResult)]
    [InlineData("States", "bits not shifted", @"shl\.b32(\s+%r\d+), (%r\d+), 16;", "mov.b32$1, $2;", null, WrongResult)]
    [InlineData("Output", "lower half stored", @"shr\.u32(\s+%r\d+), (%r\d+), 16;", "mov.b32$1, $2;", null, WrongResult)]
    [InlineData("StateGradients", "element at twice its place", @"mad\.lo\.u64(\s+%rd\d+), (%rd\d+), 2, %rd1;", "mad.lo.u64$1, $2, 4, %rd1;", null, WrongResult)]
    [InlineData("GramGradient", "mark left in the offset", @"sub\.s64(\s+%rd\d+), (%rd\d+), 281474976710656;", "mov.b64$1, $2;", 0, "out of bounds")]
    [InlineData("InputGradient", "mark not seen", @"setp\.ge\.s64(\s+%p\d+, %rd\d+), 281474976710656;", "setp.lt.s64$1, 0;", 0, "out of bounds")]
    [InlineData("InputGradient", "rounded to zero", @"add\.s32(\s+%r\d+), (%r\d+), 32767;", "mov.b32$1, $2;", null, WrongResult)]
    [InlineData("StateVectorGradient", "floats stored", @"st\.global\.b16(\s+\[%rd\d+\]), %rs\d+;", "st.global.b32$1, %r1;", 0, "misaligned")]
    public void A_mutant_of_storage_is_noticed(string kernel, string what, string from, string to, int? which, string message) =>
        Noticed<MixedStorage>(Bfloat16.Value, kernel, what, from, to, which, message);

    private static void Noticed(string kernel, string what, string from, string to, int? which, string message) =>
        Noticed<Float32Storage>(Float32.Value, kernel, what, from, to, which, message);

    private static void Noticed<S>(TensorCoreScan scan, string kernel, string what, string from, string to, int? which, string message)
        where S : struct, IGpuStorage
    {
        var method = (typeof(SsdGpu).GetMethod(kernel) ?? typeof(SsdGpuBackward).GetMethod(kernel))!.MakeGenericMethod(typeof(TensorCoreScanProducts<S>));
        var text = OfflineCompiler.Ptx(method);
        var at = 0;
        var mutant = Regex.Replace(text, from, match => which is null || at++ == which ? match.Result(to) : match.Value);
        Assert.True(mutant != text, $"{what}: the text has nothing to change.");
        switch (message)
        {
            case WrongResult:
                Assert.Contains(Errors(), error => !(error <= 2 * TensorCoreScan.Tolerance));
                break;
            case Conflicts:
                Assert.All(Errors(), error => Assert.InRange(error, 0, TensorCoreScan.Tolerance));
                Assert.NotEqual(0, scan.Conflicts);
                break;
            default:
                Assert.Contains(message, Assert.Throws<PtxException>(Errors).Message, StringComparison.Ordinal);
                break;
        }

        IEnumerable<double> Errors() => scan.Errors(scan.Run((method, PtxQueue.Parse(mutant))), scan.Rounded).Values;
    }
}
