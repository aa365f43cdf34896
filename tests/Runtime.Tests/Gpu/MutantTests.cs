using System.Reflection;
using System.Text.RegularExpressions;
using Graph.Execution;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The interpreter accepts two whole kernels and gives their right results, and every wrong change of their PTX is noticed: by the checker, by
/// the machine, or by the result.
/// </summary>
public sealed class MutantTests
{
    private const string WrongResult = "wrong result";
    private const int M = 32;
    private const int N = 48;
    private const int K = 80;

    private static readonly string Tiled = OfflineCompiler.Ptx(Method(typeof(TiledProduct)));
    private static readonly string Bf16 = OfflineCompiler.Ptx(Method(typeof(Bf16Product)));

    [Fact]
    public void The_tiled_product_is_right() => Assert.InRange(Error(Tiled, TiledProduct.Tile, TiledProduct.GroupSize), 0, 1e-5);

    [Fact]
    public void The_product_on_tensor_cores_is_right() => Assert.InRange(Error(Bf16, Bf16Product.Tile, Bf16Product.GroupSize), 0, 1e-5);

    [Theory]
    [InlineData("first barrier missing", @"bar\.sync\s+0;", "", "race at shared")]
    [InlineData("second barrier missing", @"(bar\.sync[\s\S]*?)bar\.sync\s+0;", "$1", "shared byte")]
    [InlineData("barrier of half a warp", @"bar\.sync\s+0;", "{ .reg .pred q; setp.lt.u32 q, %tid.x, 16; @q bar.sync 0; }", "divergence: barrier")]
    [InlineData("opcode mistyped", @"ld\.global\.v4\.f32", "ld.global.v4.f31", "unknown opcode ld.global.v4.f31")]
    [InlineData("register of another width", @"mul\.f32(\s+)%f\d+", "mul.f32$1%rd1", "%rd1 is .b64, .f32 is needed")]
    [InlineData("register not declared", @"mul\.f32(\s+)%f\d+", "mul.f32$1%g1", "%g1 is not declared")]
    [InlineData("register declared twice", @"\.reg \.f32\s+%f<\d+>;", "$0 .reg .f32 %f1;", "%f1 is declared twice")]
    [InlineData("label not declared", @"bra(\.uni)?(\s+)L_", "bra$2M_", "is not declared")]
    [InlineData("external function", @"\.visible \.entry", ".extern .func (.param .f32 r) FusedMultiplyAdd(.param .f32 x);\n.visible .entry", "unresolved external")]
    [InlineData("misaligned vector", @"(ld\.global\.v4\.f32\s+\{[^}]*\}, \[%rd\d+)\]", "$1+4]", "misaligned")]
    [InlineData("one past the end", @"(st\.global\.f32\s+\[%rd\d+)\]", "$1+4]", "out of bounds")]
    [InlineData("two stores to one place", @"(st\.global\.f32\s+)\[%rd\d+\]", "$1[%rd1]", "race at global")]
    [InlineData("operand missing", @"mul\.f32(\s+%f\d+), %f\d+", "mul.f32$1", "no form of mul.f32")]
    [InlineData("generic load", @"ld\.global\.v4\.f32", "ld.v4.f32", "unknown opcode ld.v4.f32")]
    public void A_mutant_of_the_tiled_product_is_noticed(string what, string from, string to, string message) =>
        Noticed(what, Tiled, from, to, message, TiledProduct.Tile, TiledProduct.GroupSize);

    [Theory]
    [InlineData("waits for too little", "wait_group 1", "wait_group 2", "has not been waited for")]
    [InlineData("barrier missing", @"bar\.sync\s+0;", "", "shared byte")]
    [InlineData("fragments of A swapped", @"\{fa0,fa1,fa2,fa3\}, \{fb0", "{fa0,fa2,fa1,fa3}, {fb0", WrongResult)]
    [InlineData("fragments of B swapped", @"\{fb0,fb1\}, \{acc", "{fb1,fb0}, {acc", WrongResult)]
    [InlineData("swizzle missing where tiles are read", @"xor\.b32(\s+%r\d+), (%r\d+), %r\d+;(?![\s\S]*xor)", "mov.b32$1, $2;", WrongResult)]
    [InlineData("accumulator not cleared", "mov.f32 acc2, 0f00000000;", "", WrongResult)]
    [InlineData("register not declared", @"\{fb0,fb1\}, \{acc", "{fb0,fx1}, {acc", "fx1 is not declared")]
    [InlineData("opcode mistyped", "ldmatrix", "ldmatrx", "unknown opcode ldmatrx")]
    [InlineData("fragment of three registers", @"\{fa0,fa1,fa2,fa3\}, \{fb0", "{fa0,fa1,fa2}, {fb0", "has 3 registers, not 4")]
    [InlineData("accumulators of another type", @"\.reg \.f32 acc<4>", ".reg .s32 acc<4>", ".f32 is needed")]
    [InlineData("copy of eight bytes", @"\[from\], 16;", "[from], 8;", "copies of 8 bytes are not allowed")]
    [InlineData("product of half a warp", @"(mma\.sync[^;]*;)", "{ .reg .pred q; setp.lt.u32 q, %tid.x, 16; @q $1 }", "divergence: mma.sync")]
    public void A_mutant_of_the_product_on_tensor_cores_is_noticed(string what, string from, string to, string message) =>
        Noticed(what, Bf16, from, to, message, Bf16Product.Tile, Bf16Product.GroupSize);

    /// <summary>The cure of ILGPU's uniform branches is needed where a branch diverges, and the machine says so.</summary>
    [Fact]
    public void A_uniform_branch_that_diverges_is_noticed()
    {
        var text = Regex.Replace(Tiled, @"(@!?%p\d+\s+)bra\b(?!\.)", "$1bra.uni");
        Assert.Contains("bra.uni diverges", Assert.Throws<PtxException>(() => Error(text, TiledProduct.Tile, TiledProduct.GroupSize)).Message, StringComparison.Ordinal);
    }

    private static MethodInfo Method(Type type) => type.GetMethod("Kernel")!;

    private static void Noticed(string what, string text, string from, string to, string message, int tile, int groupSize)
    {
        var mutant = new Regex(from).Replace(text, to, 1);
        Assert.True(mutant != text, $"{what}: the text has nothing to change.");
        if (message == WrongResult)
        {
            Assert.False(Error(mutant, tile, groupSize) <= 1e-3, what);
            return;
        }

        Assert.Contains(message, Assert.Throws<PtxException>(() => Error(mutant, tile, groupSize)).Message, StringComparison.Ordinal);
    }

    /// <summary>The largest error of a product, over elements; NaN is none that a comparison accepts.</summary>
    private static double Error(string ptx, int tile, int groupSize)
    {
        var isBf16 = tile == Bf16Product.Tile;
        var random = new Random(5);
        int atA = 0, atB = M * K, atC = atB + (N * K);
        var queue = new PtxQueue(atC + (M * N), 16);
        float[] a = Draw(M * K), b = Draw(N * K), c = new float[M * N];
        queue.Upload(isBf16 ? Pairs(a) : a, atA);
        queue.Upload(isBf16 ? Pairs(b) : b, atB);
        queue.Launch(PtxQueue.Parse(ptx), (M / tile) * (N / tile), groupSize, new GpuArguments { R0 = atA, R1 = atB, R2 = atC, I0 = N, I1 = K });
        queue.Download(atC, c);
        var worst = 0.0;
        for (var i = 0; i < M; i++)
        {
            for (var j = 0; j < N; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < K; k++)
                {
                    sum += (double)a[(i * K) + k] * (isBf16 ? b[(j * K) + k] : b[(k * N) + j]);
                }

                worst = Math.Max(worst, Math.Abs(sum - c[(i * N) + j]));
            }
        }

        return worst;

        // Sixteenths are exact in bf16.
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(-16, 17) / 16f)];
    }

    /// <summary>Two bf16 in each float's bits.</summary>
    private static float[] Pairs(float[] values) =>
        [.. values.Chunk(2).Select(pair => BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(pair[0]) >> 16) | (BitConverter.SingleToUInt32Bits(pair[1]) & 0xFFFF0000)))];
}
