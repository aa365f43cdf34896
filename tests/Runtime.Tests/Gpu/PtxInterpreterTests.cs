using System.Runtime.InteropServices;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>What small kernels of ours do not reach: the manual's semantics, written out as text.</summary>
public sealed class PtxInterpreterTests
{
    [Fact]
    public void Lanes_that_part_meet_before_a_barrier() => Assert.Equal(
        [.. Enumerable.Range(0, 32).Select(lane => lane < 7 ? 1 : 2)],
        Run("""
            setp.lt.u32 p, t, 7;
            @p bra LOW;
            mov.u32 r, 2;
            bra JOIN;
            LOW:
            mov.u32 r, 1;
            JOIN:
            bar.sync 0;
            """));

    /// <summary>ILGPU lays blocks out so that a branch leads back to where others wait.</summary>
    [Fact]
    public void Lanes_meet_where_one_way_leads_back() => Assert.Equal(
        [.. Enumerable.Range(0, 32).Select(lane => lane < 7 ? 1 : 0)],
        Run("""
            mov.u32 r, 0;
            setp.lt.u32 p, t, 7;
            @p bra LOW;
            JOIN:
            bar.sync 0;
            bra END;
            LOW:
            mov.u32 r, 1;
            bra JOIN;
            END:
            """));

    [Fact]
    public void Lanes_leave_a_loop_one_by_one() => Assert.Equal(
        [.. Enumerable.Range(0, 32)],
        Run("""
            mov.u32 r, 0;
            LOOP:
            setp.ge.u32 p, r, t;
            @p bra END;
            add.u32 r, r, 1;
            bra LOOP;
            END:
            bar.sync 0;
            """));

    [Fact]
    public void A_table_of_targets_parts_lanes() => Assert.Equal(
        [.. Enumerable.Range(0, 32).Select(lane => (lane % 3) + 10)],
        Run("""
            rem.u32 q, t, 3;
            TABLE:
            .branchtargets A, B, C;
            brx.idx q, TABLE;
            A:
            mov.u32 r, 10;
            bra END;
            B:
            mov.u32 r, 11;
            bra END;
            C:
            mov.u32 r, 12;
            END:
            bar.sync 0;
            """));

    [Theory]
    [InlineData("shfl.sync.bfly.b32 r, t, 1, 31, -1;", 1, 0, 31, 30)]
    [InlineData("shfl.sync.down.b32 r, t, 4, 31, -1;", 4, 5, 30, 31)]
    [InlineData("shfl.sync.up.b32 r, t, 1, 0, -1;", 0, 0, 29, 30)]
    [InlineData("shfl.sync.idx.b32 r, t, 5, 31, -1;", 5, 5, 5, 5)]
    [InlineData("cvt.u8.u32 r, 511; ", 255, 255, 255, 255)]
    [InlineData("cvt.s8.u32 r, 255; ", -1, -1, -1, -1)]
    [InlineData("shr.s32 r, -8, 1;", -4, -4, -4, -4)]
    [InlineData("shl.b32 r, 1, 32;", 0, 0, 0, 0)]
    [InlineData("mul.hi.u32 r, -1, -1;", -2, -2, -2, -2)]
    [InlineData("clz.b32 r, 1;", 31, 31, 31, 31)]
    [InlineData("prmt.b32 r, 0x44332211, 0x88776655, 0x7610;", unchecked((int)0x88772211), unchecked((int)0x88772211), unchecked((int)0x88772211), unchecked((int)0x88772211))]
    [InlineData("cvt.rzi.s32.f32 r, 0fC0200000;", -2, -2, -2, -2)]
    [InlineData("cvt.rni.s32.f32 r, 0fC0200000;", -2, -2, -2, -2)]
    [InlineData("cvt.rzi.u32.f32 r, 0fC0200000;", 0, 0, 0, 0)]
    public void An_instruction_follows_the_manual(string text, int first, int second, int lastButOne, int last)
    {
        var lanes = Run(text);
        Assert.Equal((first, second, lastButOne, last), (lanes[0], lanes[1], lanes[30], lanes[31]));
    }

    [Theory]
    [InlineData("add.u32 r, t;", "no form of add.u32")]
    [InlineData("{ .reg .f32 f; add.f32 f, f, 1; }", "literal 1 is not .f32")]
    [InlineData("add.u32 r, t, 4294967296;", "does not fit .u32")]
    [InlineData("add.u32 r, t, 0f3F800000;", "is not .u32")]
    [InlineData("@t mov.u32 r, 1;", "t is .u32, .pred is needed")]
    [InlineData("{ .reg .u32 x; mov.u32 x, 1; } mov.u32 r, x;", "x is not declared")]
    [InlineData("ld.shared.u32 r, [out];", "out is in Parameter memory")]
    [InlineData("div.u32 r, t, 0;", "division by zero")]
    [InlineData("call f;", "unknown opcode call")]
    [InlineData("{ .reg .f32 cos<2>; mov.u32 r, 1; }", "cos is an instruction keyword")]
    [InlineData("{ .reg .u32 max; mov.u32 r, 1; }", "max is an instruction keyword")]
    [InlineData("{ .shared .b8 set[4]; mov.u32 r, 1; }", "set is an instruction keyword")]
    [InlineData("ret: mov.u32 r, 1;", "ret is an instruction keyword")]
    [InlineData("mov.u32 r, 1", "literal not understood")]
    public void A_wrong_text_is_told_precisely(string text, string message) =>
        Assert.Contains(message, Assert.Throws<PtxException>(() => Run(text)).Message, StringComparison.Ordinal);

    /// <summary>Runs one warp; what it leaves in r.</summary>
    private static int[] Run(string body)
    {
        var module = PtxModule.Parse($$"""
            .version 8.0
            .target sm_80
            .address_size 64
            .visible .entry Test(.param .b64 out)
            {
            .reg .u32 t, r, q; .reg .u64 a; .reg .pred p;
            mov.u32 t, %tid.x;
            {{body}}
            ld.param.b64 a, [out];
            mad.wide.u32 a, t, 4, a;
            st.global.u32 [a], r;
            ret;
            }
            """);
        var machine = new PtxMachine();
        var result = new byte[128];
        machine.Launch(module.Kernels[0], 1, 32, BitConverter.GetBytes(machine.Add("out", result)));
        return MemoryMarshal.Cast<byte, int>(result.AsSpan()).ToArray();
    }
}
