using Graph.Execution.MachineCode;
using Xunit;
using static Graph.Execution.MachineCode.Register;

namespace Graph.Tests.MachineCode;

/// <summary>Each form of each instruction against the bytes that GNU as 2.40 writes for the text on the left.</summary>
public sealed class AssemblerTests
{
    private static readonly Dictionary<string, (Action<Assembler> Emit, string Bytes)> Forms = new()
    {
        ["mov r10, [rsp+8]"] = (c => c.LoadInteger(R10, new(Rsp, 8)), "4c 8b 54 24 08"),
        ["lea rax, [rdi+rsi*2]"] = (c => c.LoadAddress(Rax, new(Rdi) { Index = Rsi, Scale = 2 }), "48 8d 04 77"),
        ["lea r10, [rax+rsi*2]"] = (c => c.LoadAddress(R10, new(Rax) { Index = Rsi, Scale = 2 }), "4c 8d 14 70"),
        ["add r10, r11"] = (c => c.Add(R10, R11), "4d 01 da"),
        ["add rax, rdx"] = (c => c.Add(Rax, Rdx), "48 01 d0"),
        ["add rcx, 128"] = (c => c.Add(Rcx, 128), "48 81 c1 80 00 00 00"),
        ["add r8, 32"] = (c => c.Add(R8, 32), "49 83 c0 20"),
        ["dec r9"] = (c => c.Decrement(R9), "49 ff c9"),
        ["jnz to itself"] = (c => c.JumpIfNotZero(0), "0f 85 fa ff ff ff"),
        ["prefetcht0 [r10]"] = (c => c.Prefetch(1, new(R10)), "41 0f 18 0a"),
        ["prefetcht0 [r10+64]"] = (c => c.Prefetch(1, new(R10, 64)), "41 0f 18 4a 40"),
        ["prefetcht1 [r8]"] = (c => c.Prefetch(2, new(R8)), "41 0f 18 10"),
        ["prefetchw [r10+64]"] = (c => c.PrefetchForWrite(new(R10, 64)), "41 0f 0d 4a 40"),
        ["vzeroupper; ret"] = (
            c =>
            {
                c.ZeroUpper();
                c.Return();
            },
            "c5 f8 77 c3"),
        ["vmovups zmm0, [r10]"] = (c => c.LoadVector(0, new(R10)), "62 d1 7c 48 10 02"),
        ["vmovups zmm23, [r10+64]"] = (c => c.LoadVector(23, new(R10, 64)), "62 c1 7c 48 10 7a 01"),
        ["vmovups zmm25, [rcx+64]"] = (c => c.LoadVector(25, new(Rcx, 64)), "62 61 7c 48 10 49 01"),
        ["vmovups [r10], zmm0"] = (c => c.StoreVector(new(R10), 0), "62 d1 7c 48 11 02"),
        ["vmovups [r10+64], zmm23"] = (c => c.StoreVector(new(R10, 64), 23), "62 c1 7c 48 11 7a 01"),
        ["vbroadcastss zmm26, [rdi]"] = (c => c.Broadcast(26, new(Rdi)), "62 62 7d 48 18 17"),
        ["vbroadcastss zmm26, [rax+rsi]"] = (c => c.Broadcast(26, new(Rax) { Index = Rsi }), "62 62 7d 48 18 14 30"),
        ["vbroadcastss zmm26, [r11+rsi*2]"] = (c => c.Broadcast(26, new(R11) { Index = Rsi, Scale = 2 }), "62 42 7d 48 18 14 73"),
        ["vbroadcastss zmm3, [r9+r8*4-128]"] = (c => c.Broadcast(3, new(R9, -128) { Index = R8, Scale = 4 }), "62 92 7d 48 18 5c 81 e0"),
        ["vpxord zmm0, zmm0, zmm0"] = (c => c.Zero(0), "62 f1 7d 48 ef c0"),
        ["vpxord zmm31, zmm31, zmm31"] = (c => c.Zero(31), "62 01 05 40 ef ff"),
        ["vdpbf16ps zmm0, zmm24, zmm26"] = (c => c.DotBfloat16(0, 24, 26), "62 92 3e 40 52 c2"),
        ["vdpbf16ps zmm23, zmm25, zmm26"] = (c => c.DotBfloat16(23, 25, 26), "62 82 36 40 52 fa"),
        ["vdpbf16ps zmm9, zmm7, zmm12"] = (c => c.DotBfloat16(9, 7, 12), "62 52 46 48 52 cc"),
        ["vdpbf16ps zmm9, zmm7, [r10+rsi*2]{1to16}"] = (c => c.DotBfloat16(9, 7, new Address(R10) { Index = Rsi, Scale = 2 }), "62 52 46 58 52 0c 72"),
        ["vdpbf16ps zmm23, zmm25, [rbp]{1to16}"] = (c => c.DotBfloat16(23, 25, new Address(Rbp)), "62 e2 36 50 52 7d 00"),
    };

    public static TheoryData<string> Texts => [.. Forms.Keys];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Bytes_are_those_of_the_manual(string text)
    {
        var assembler = new Assembler();
        Forms[text].Emit(assembler);
        Assert.Equal(Forms[text].Bytes, string.Join(' ', assembler.ToArray().Select(b => b.ToString("x2", null))));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(128 * 64)]
    public void A_displacement_that_does_not_fit_is_refused(int displacement) =>
        Assert.Throws<ArgumentException>(() => new Assembler().LoadVector(0, new(Rax, displacement)));
}
