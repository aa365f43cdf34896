using System.Text.RegularExpressions;
using Graph.Execution;
using Graph.Operators;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The emitted attention, as CUDA would get it, in the PTX interpreter, against doubles: scores from queries and keys as bfloat16 has them, so
/// that only probabilities differ, which are rounded once, and results by the rounding of their store; and from all as they were.
/// </summary>
public sealed class TensorCoreAttentionTests
{
    private const string WrongResult = "wrong result";

    /// <summary>Samples, tokens, channels, heads, reach of the values.</summary>
    public static TheoryData<int, int, int, int, float> Shapes => new()
    {
        { 1, 64, 64, 1, 1 },
        { 2, 72, 64, 2, 1 }, // ragged in queries and keys
        { 1, 5, 128, 2, 1 },
        { 1, 128, 32, 1, 1 }, // both stages in full
        { 1, 161, 32, 1, 4 }, // three blocks of keys, sharp maxima
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Attention_is_right(int b, int t, int c, int heads, float reach)
    {
        var (x, y, lse) = Run(null, b, t, c, heads, reach);
        var rounded = Errors(x, y, lse, b, t, c, heads, Bfloat16);
        Assert.InRange(rounded.Y, 0, 4e-3);
        Assert.InRange(rounded.Lse, 0, 2e-6);
        Assert.InRange(Errors(x, y, lse, b, t, c, heads, value => value).Y, 0, 2e-2);
    }

    /// <summary>Every wrong change of the PTX is noticed.</summary>
    [Theory]
    [InlineData("own tiles not waited for", "cp.async.wait_all;", "", "shared byte")]
    [InlineData("a block not waited for", @"cp\.async\.wait_all;(?![\s\S]*wait_all)", "", "shared byte")]
    [InlineData("barrier behind own tiles missing", @"bar\.sync\s+0;", "", "shared byte")]
    [InlineData("barrier before a block missing", @"bar\.sync\s+0;(?![\s\S]*bar\.sync)", "", "shared byte")]
    [InlineData("values beyond the end", @"selp\.u32 bytes, 16, 0, in;(?![\s\S]*selp\.u32 bytes)", "mov.u32 bytes, 16;", WrongResult)]
    [InlineData("halves of a pair swapped", "cvt.rn.bf16x2.f32 pair, out1, out0;", "cvt.rn.bf16x2.f32 pair, out0, out1;", WrongResult)]
    [InlineData("maximum of half a row", @"max\.f32 next0, next0, x;(?![\s\S]*max\.f32 next0, next0, x;)", "", WrongResult)]
    [InlineData("sums not shrunk", "mul.f32 total1, total1, shrink1;", "", WrongResult)]
    [InlineData("outputs not shrunk", "mul.f32 out0, out0, shrink0;", "", WrongResult)]
    [InlineData("key behind the end", "@out mov.f32 score8, 0fF149F2CA;", "", WrongResult)]
    [InlineData("fragments of shares swapped", "{share0,share1,share2,share3}", "{share0,share2,share1,share3}", WrongResult)]
    [InlineData("values not transposed", @"x4\.trans", "x4", WrongResult)]
    [InlineData("keys transposed", @"x4\.shared\.b16 \{block0", "x4.trans.shared.b16 {block0", WrongResult)]
    [InlineData("maximum of one lane", "shfl.sync.bfly.b32 x, next0, 1,", "shfl.sync.bfly.b32 x, next0, 0,", WrongResult)]
    [InlineData("register not declared", "{block0,block1}", "{block0,blok1}", "blok1 is not declared")]
    public void A_mutant_is_noticed(string what, string from, string to, string message)
    {
        var text = OfflineCompiler.Ptx(((GpuKernel)TensorCoreAttention.Forward32).Method);
        var pattern = from.Contains('\\', StringComparison.Ordinal) ? from : Regex.Escape(from);
        var mutant = new Regex(pattern).Replace(text, to, 1);
        Assert.True(mutant != text, $"{what}: the text has nothing to change.");
        const int T = 72, C = 32;
        if (message == WrongResult)
        {
            var (x, y, lse) = Run(queue => queue.Instead(((GpuKernel)TensorCoreAttention.Forward32).Method, PtxQueue.Parse(mutant)), 1, T, C, 1, 4);
            var (ofY, ofLse) = Errors(x, y, lse, 1, T, C, 1, Bfloat16);
            Assert.False(ofY <= 8e-3 && ofLse <= 1e-5, what);
            return;
        }

        Assert.Contains(message, Assert.Throws<PtxException>(() => Run(queue => queue.Instead(((GpuKernel)TensorCoreAttention.Forward32).Method, PtxQueue.Parse(mutant)), 1, T, C, 1, 4)).Message, StringComparison.Ordinal);
    }

    private static (float[] X, float[] Y, float[] Lse) Run(Func<PtxQueue, GpuQueue>? mutate, int b, int t, int c, int heads, float reach)
    {
        var random = new Random(6);
        float[] x = [.. Enumerable.Range(0, b * t * 3 * c).Select(_ => ((random.NextSingle() * 2) - 1) * reach)];
        long atY = x.Length, atLse = atY + (b * t * c), end = atLse + (b * heads * t);
        using var open = GpuTest.Open("ptx", end + 64);
        var queue = mutate is null ? open.Queue : mutate(open.Interpreter);
        float[] y = [.. Enumerable.Repeat(float.NaN, b * t * c)], lse = new float[b * heads * t], behind = new float[64];
        queue.Upload([.. StoredValues.Pack(x), .. StoredValues.Pack(y), .. Enumerable.Repeat(float.NaN, (int)(end - atLse) + 64)], 0);
        queue.Bfloat16Weights = new Bfloat16Copy(0, 0, 0);
        Attention.Forward(new Worker(0, default, 0, 1, queue, b * heads), 0, GpuQueue.Place(Bfloat16Place.Of(0)), GpuQueue.Place(Bfloat16Place.Of(atY)), GpuQueue.Place(atLse), t, c, heads);
        queue.Download(atY, y);
        queue.Download(atLse, lse);
        queue.Download(end, behind);
        Assert.All(behind, value => Assert.Equal(float.NaN, value));
        return (x, StoredValues.Unpack(y), lse);
    }

    /// <summary>Largest errors: of y, beyond the rounding of its store, relative to the largest element; of lse absolute.</summary>
    private static (double Y, double Lse) Errors(float[] x, float[] y, float[] lse, int b, int t, int c, int heads, Func<float, float> round)
    {
        var width = c / heads;
        double error = 0, lseError = 0, largest = 0;
        for (var row = 0; row < b * heads * t; row++)
        {
            var (unit, i) = (row / t, row % t);
            var (sample, head) = (unit / heads, unit % heads);
            var scores = new double[t];
            for (var j = 0; j < t; j++)
            {
                for (var k = 0; k < width; k++)
                {
                    scores[j] += (double)round(At(i, 0, k)) * round(At(j, 1, k)) / Math.Sqrt(width);
                }
            }

            var top = scores.Max();
            var total = scores.Sum(score => Math.Exp(score - top));
            lseError = Worse(lseError, top + Math.Log(total) - lse[row]);
            for (var k = 0; k < width; k++)
            {
                var expected = Enumerable.Range(0, t).Sum(j => Math.Exp(scores[j] - top) / total * round(At(j, 2, k)));
                largest = Math.Max(largest, Math.Abs(expected));
                error = Worse(error, StoredValues.MoreThanRounding(y[(((sample * t) + i) * c) + (head * width) + k], expected));
            }

            float At(int token, int part, int k) => x[(((sample * t) + token) * 3 * c) + (part * c) + (head * width) + k];
        }

        return (error / largest, lseError);

        // NaN stays.
        static double Worse(double worst, double difference) => double.IsNaN(difference) || Math.Abs(difference) > worst ? Math.Abs(difference) : worst;
    }

    internal static float Bfloat16(float value) => BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(value) + 0x7FFF + ((BitConverter.SingleToUInt32Bits(value) >> 16) & 1)) & 0xFFFF0000);
}
