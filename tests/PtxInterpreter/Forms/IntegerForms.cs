using System.Numerics;
using Graph.Ptx.Binding;

namespace Graph.Ptx.Forms;

/// <summary>Integer arithmetic and bits.</summary>
internal static class IntegerForms
{
    public static void AddTo(OpcodeTable table)
    {
        foreach (var width in new[] { 16, 32, 64 })
        {
            Signed(table, width);
            Unsigned(table, width);
            Bits(table, width);
        }

        Logic(table, PtxType.Of("pred"));
        Fields(table);
    }

    private static void Signed(OpcodeTable table, int width)
    {
        var type = new PtxType(PtxKind.Signed, width);
        Both(table, type);
        Two(table, "div", type, (x, y) => (ulong)(Words.Signed(x, width) / NotZero(Words.Signed(y, width))));
        Two(table, "rem", type, (x, y) => (ulong)(Words.Signed(x, width) % NotZero(Words.Signed(y, width))));
        Two(table, "min", type, (x, y) => (ulong)Math.Min(Words.Signed(x, width), Words.Signed(y, width)));
        Two(table, "max", type, (x, y) => (ulong)Math.Max(Words.Signed(x, width), Words.Signed(y, width)));
        One(table, "neg", type, x => 0 - x);
        One(table, "abs", type, x => Words.Signed(x, width) is var value && value < 0 ? 0 - (ulong)value : (ulong)value);
        table.Compute($"shr{type}", type, [type, PtxType.Of("u32")], (x, y, _) => (ulong)(Words.Signed(x, width) >> (int)Math.Min(y, (ulong)width - 1)));
        Two(table, "mul.hi", type, (x, y) => (ulong)(((Int128)Words.Signed(x, width) * Words.Signed(y, width)) >> width));
        if (width < 64)
        {
            var wide = new PtxType(PtxKind.Signed, 2 * width);
            table.Compute($"mul.wide{type}", wide, [type, type], (x, y, _) => (ulong)(Words.Signed(x, width) * Words.Signed(y, width)));
            table.Compute($"mad.wide{type}", wide, [type, type, wide], (x, y, z) => (ulong)(Words.Signed(x, width) * Words.Signed(y, width)) + z);
        }
    }

    private static void Unsigned(OpcodeTable table, int width)
    {
        var type = new PtxType(PtxKind.Unsigned, width);
        Both(table, type);
        Two(table, "div", type, (x, y) => x / (ulong)NotZero((long)y));
        Two(table, "rem", type, (x, y) => x % (ulong)NotZero((long)y));
        Two(table, "min", type, Math.Min);
        Two(table, "max", type, Math.Max);
        ShiftRight(table, type);
        Two(table, "mul.hi", type, (x, y) => (ulong)(((UInt128)x * y) >> width));
        if (width < 64)
        {
            var wide = new PtxType(PtxKind.Unsigned, 2 * width);
            table.Compute($"mul.wide{type}", wide, [type, type], (x, y, _) => x * y);
            table.Compute($"mad.wide{type}", wide, [type, type, wide], (x, y, z) => (x * y) + z);
        }
    }

    /// <summary>What does not depend on the sign.</summary>
    private static void Both(OpcodeTable table, PtxType type)
    {
        Two(table, "add", type, (x, y) => x + y);
        Two(table, "sub", type, (x, y) => x - y);
        Two(table, "mul.lo", type, (x, y) => x * y);
        table.Compute($"mad.lo{type}", type, [type, type, type], (x, y, z) => (x * y) + z);
    }

    private static void Bits(OpcodeTable table, int width)
    {
        var type = new PtxType(PtxKind.Bits, width);
        Logic(table, type);
        table.Compute($"shl{type}", type, [type, PtxType.Of("u32")], (x, y, _) => y >= (ulong)width ? 0 : x << (int)y);
        ShiftRight(table, type);
        if (width >= 32)
        {
            var count = PtxType.Of("u32");
            table.Compute($"popc{type}", count, [type], (x, _, _) => (ulong)BitOperations.PopCount(x));
            table.Compute($"clz{type}", count, [type], (x, _, _) => (ulong)(BitOperations.LeadingZeroCount(x) - (64 - width)));
        }
    }

    private static void ShiftRight(OpcodeTable table, PtxType type) =>
        table.Compute($"shr{type}", type, [type, PtxType.Of("u32")], (x, y, _) => y >= (ulong)type.Width ? 0 : x >> (int)y);

    private static void Logic(OpcodeTable table, PtxType type)
    {
        Two(table, "and", type, (x, y) => x & y);
        Two(table, "or", type, (x, y) => x | y);
        Two(table, "xor", type, (x, y) => x ^ y);
        One(table, "not", type, x => ~x);
    }

    /// <summary>Bit fields and bytes, for inline assembly that packs bf16.</summary>
    private static void Fields(OpcodeTable table)
    {
        PtxType u32 = PtxType.Of("u32"), b32 = PtxType.Of("b32");
        table.Compute("bfe.u32", u32, [u32, u32, u32], (x, start, length) => start > 31 ? 0 : (x >> (int)start) & ((1UL << (int)Math.Min(length, 32)) - 1));
        table.Compute("prmt.b32", b32, [b32, b32, b32], (x, y, selector) =>
        {
            var bytes = x | (y << 32);
            var result = 0UL;
            for (var i = 0; i < 4; i++)
            {
                var pick = (selector >> (4 * i)) & 15;
                var picked = (bytes >> (8 * (int)(pick & 7))) & 255;
                result |= ((pick & 8) != 0 ? (picked >> 7) * 255 : picked) << (8 * i);
            }

            return result;
        });
    }

    private static void One(OpcodeTable table, string name, PtxType type, Func<ulong, ulong> function) =>
        table.Compute($"{name}{type}", type, [type], (x, _, _) => function(x));

    private static void Two(OpcodeTable table, string name, PtxType type, Func<ulong, ulong, ulong> function) =>
        table.Compute($"{name}{type}", type, [type, type], (x, y, _) => function(x, y));

    private static long NotZero(long divisor) => divisor != 0 ? divisor : throw new PtxException("division by zero");
}
