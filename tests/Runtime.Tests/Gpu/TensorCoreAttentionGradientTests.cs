using System.Reflection;
using System.Text.RegularExpressions;
using Graph.Operators;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The emitted backward of attention, as CUDA would get it, in the PTX interpreter, against doubles: from factors as bfloat16 has them, so that
/// only probabilities and slopes differ, which are rounded once; and from all as they were.
/// </summary>
public sealed class TensorCoreAttentionGradientTests
{
    private const string WrongResult = "wrong result";

    private static readonly string[] Mutated = ["QueryGradient32", "KeyGradient32"];

    /// <summary>Of probabilities and slopes, rounded to eight bits, in sums of them.</summary>
    private const double Rounding = 4e-3;

    private static readonly Lazy<AttentionGradientCase> Ragged = new(() => new AttentionGradientCase(1, 72, 32, 1, 2));

    /// <summary>Samples, tokens, channels, heads, reach of the values.</summary>
    public static TheoryData<int, int, int, int, float> Shapes => new()
    {
        { 1, 64, 64, 1, 1 },
        { 2, 72, 64, 2, 1 }, // ragged in queries and keys
        { 1, 5, 128, 2, 1 },
        { 1, 97, 64, 1, 2 }, // the token count of Sudoku
        { 1, 161, 32, 1, 4 }, // three blocks, sharp maxima
        { 1, 916, 32, 1, 1 }, // the token count of Arc
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradients_are_right(int b, int t, int c, int heads, float reach)
    {
        var matrices = new AttentionGradientCase(b, t, c, heads, reach);
        var (rounded, exact) = matrices.Errors();
        Assert.InRange(rounded, 0, Rounding);
        Assert.InRange(exact, 1e-4, 2e-2);
        Assert.Equal(0, matrices.Conflicts);
    }

    /// <summary>Far below zero, a power of a score less its row's logarithm is small, and of zero less it infinite.</summary>
    [Fact]
    public void Keys_behind_the_end_have_no_power()
    {
        var matrices = new AttentionGradientCase(1, 40, 32, 1, 0.5f, apart: 6);
        Assert.InRange(matrices.Errors().Rounded, 0, 5e-2);
        var unmasked = Mutant("QueryGradient32", "@out mov.f32 score", "@out mov.f32 slope", 0, int.MaxValue);
        Assert.Equal(double.NaN, matrices.Errors(queue => queue.Instead(Kernel("QueryGradient32"), unmasked)).Rounded);
    }

    /// <summary>Nothing depends on the order in which groups run: every element has one writer.</summary>
    [Fact]
    public void Runs_are_equal() => Assert.Equal(Ragged.Value.Run(), Ragged.Value.Run());

    /// <summary>Every wrong change of the PTX is noticed.</summary>
    [Theory]
    [InlineData("barrier behind own tiles missing", @"bar\.sync\s+0;", "", "shared byte")]
    [InlineData("barrier before a block missing", @"bar\.sync\s+0;", "", "shared byte", 1)]
    [InlineData("own tiles not waited for", @"cp\.async\.wait_all;", "", "shared byte")]
    [InlineData("a block not waited for", @"cp\.async\.wait_all;", "", "shared byte", 1)]
    [InlineData("fragments of slopes swapped", "{share0,share1,share2,share3}", "{share0,share2,share1,share3}", WrongResult)]
    [InlineData("halves of a pair swapped", "cvt.rn.bf16x2.f32 share0, slope1, slope0;", "cvt.rn.bf16x2.f32 share0, slope0, slope1;", WrongResult)]
    [InlineData("sums not transposed", @"x4\.trans", "x4", WrongResult)]
    [InlineData("scores transposed", @"x4\.shared\.b16 \{block0", "x4.trans.shared.b16 {block0", WrongResult)]
    [InlineData("own factor swapped", @"\{gradient0,gradient1,gradient2,gradient3\}, \{block", "{query0,query1,query2,query3}, {block", WrongResult, 0, "Query")]
    [InlineData("own factor swapped", @"\{value0,value1,value2,value3\}, \{block", "{key0,key1,key2,key3}, {block", WrongResult, 0, "Key")]
    [InlineData("logarithm of the other query", @"(fma\.rn\.f32 score2, score2,\s+\S+) bias1;", "$1 bias0;", WrongResult, 0, "Query")]
    [InlineData("logarithm of the other query", @"(fma\.rn\.f32 score1, score1,\s+\S+) bias1;", "$1 bias0;", WrongResult, 0, "Key")]
    [InlineData("no delta", "sub.f32 slope0, slope0, delta0;", "", WrongResult)]
    [InlineData("a slope without its probability", "mul.f32 slope3, slope3, score3;", "", WrongResult)]
    [InlineData("no scale", @"mul\.f32 (query|key)Sum0, \S+ \S+;", "", WrongResult)]
    [InlineData("keys seen as behind the end", @"setp\.ge\.s32 out, ", "setp.lt.s32 out, ", WrongResult, 0, "Query", int.MaxValue)]
    [InlineData("copies beyond the end", "selp.u32 bytes, 16, 0, in;", "mov.u32 bytes, 16;", WrongResult, 0, "", int.MaxValue)]
    [InlineData("stores beyond the end", "@in st.global.b32", "st.global.b32", WrongResult, 0, "", int.MaxValue)]
    [InlineData("halves of a stored pair swapped", @"cvt\.rn\.bf16x2\.f32 pair, (\w+Sum)1, \w+Sum0;", "cvt.rn.bf16x2.f32 pair, ${1}0, ${1}1;", WrongResult)]
    [InlineData("delta from the logarithms", @"\{delta0,delta1\}, \[at\+256\]", "{delta0,delta1}, [at]", WrongResult, 0, "Key")]
    [InlineData("vectors not stored", @"st\.shared\.f32 [^;]*;", "", "shared byte", 0, "Key")]
    [InlineData("next vectors not stored", @"st\.shared\.f32 [^;]*;", "", "shared byte", 1, "Key")]
    [InlineData("probabilities for slopes", "cvt.rn.bf16x2.f32 share1, slope3, slope2;", "cvt.rn.bf16x2.f32 share1, score3, score2;", WrongResult)]
    [InlineData("sums of keys into sums of values", "{valueSum0,valueSum1,valueSum2,valueSum3};", "{keySum0,keySum1,keySum2,keySum3};", WrongResult, 0, "Key")]
    [InlineData("register not declared", "{block0,block1}", "{block0,blok1}", "blok1 is not declared")]
    public void A_mutant_is_noticed(string what, string from, string to, string message, int skipped = 0, string kernels = "", int times = 1)
    {
        foreach (var name in Mutated.Where(name => name.StartsWith(kernels, StringComparison.Ordinal)))
        {
            if (message == WrongResult)
            {
                var error = Errors(name).Rounded;
                Assert.False(error <= 2 * Rounding, $"{name}: {what}: {error:E1}");
                continue;
            }

            Assert.Contains(message, Assert.Throws<PtxException>(() => Errors(name)).Message, StringComparison.Ordinal);
        }

        (double Rounded, double Exact) Errors(string name)
        {
            var mutant = Mutant(name, from, to, skipped, times);
            return Ragged.Value.Errors(queue => queue.Instead(Kernel(name), mutant));
        }
    }

    private static MethodInfo Kernel(string name) => typeof(TensorCoreAttention).GetMethod(name)!;

    /// <summary>The kernel with some matches of a pattern replaced, the first ones skipped; what is plain text stands for itself.</summary>
    private static PtxKernel Mutant(string name, string from, string to, int skipped, int times)
    {
        var text = OfflineCompiler.Ptx(Kernel(name));
        var pattern = new Regex(from.Contains('\\', StringComparison.Ordinal) ? from : Regex.Escape(from));
        var matches = pattern.Matches(text);
        Assert.True(matches.Count > skipped, $"{name}: the text has nothing to change.");
        return PtxQueue.Parse(pattern.Replace(text, to, times, matches[skipped].Index));
    }
}
