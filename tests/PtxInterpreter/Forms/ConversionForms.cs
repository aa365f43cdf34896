using Graph.Ptx.Binding;

namespace Graph.Ptx.Forms;

/// <summary>Conversions between types.</summary>
internal static class ConversionForms
{
    private static readonly string[] Integers = ["s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64"];
    private static readonly string[] Reals = ["f32", "f64"];

    private static readonly (string Name, Func<double, double> Round)[] Roundings =
    [
        ("rzi", Math.Truncate),
        ("rni", x => Math.Round(x, MidpointRounding.ToEven)),
        ("rmi", Math.Floor),
        ("rpi", Math.Ceiling),
    ];

    public static void AddTo(OpcodeTable table)
    {
        foreach (var from in Integers)
        {
            foreach (var to in Integers.Where(to => to != from))
            {
                Add(table, $"cvt.{to}.{from}", to, from, (bits, source) => Extend(bits, source));
            }

            Add(table, $"cvt.rn.f32.{from}", "f32", from, (bits, source) => Words.Bits(source.Kind == PtxKind.Signed ? (float)Words.Signed(bits, source.Width) : Words.Unsigned(bits, source.Width)));
            Add(table, $"cvt.rn.f64.{from}", "f64", from, (bits, source) => Words.Bits(source.Kind == PtxKind.Signed ? (double)Words.Signed(bits, source.Width) : Words.Unsigned(bits, source.Width)));
        }

        foreach (var from in Reals)
        {
            foreach (var (name, round) in Roundings)
            {
                foreach (var to in Integers)
                {
                    var type = PtxType.Of(to);
                    Add(table, $"cvt.{name}.{to}.{from}", to, from, (bits, source) => Saturate(round(Value(bits, source)), type));
                }

                Add(table, $"cvt.{name}.{from}.{from}", from, from, (bits, source) => source.Width == 32 ? Words.Bits((float)round(Words.Single(bits))) : Words.Bits(round(Words.Double(bits))));
            }
        }

        Add(table, "cvt.f64.f32", "f64", "f32", (bits, _) => Words.Bits((double)Words.Single(bits)));
        Add(table, "cvt.rn.f32.f64", "f32", "f64", (bits, _) => Words.Bits((float)Words.Double(bits)));
        Add(table, "cvt.f32.f16", "f32", "f16", (bits, _) => Words.Bits((float)BitConverter.UInt16BitsToHalf((ushort)bits)));
        Add(table, "cvt.rn.f16.f32", "f16", "f32", (bits, _) => BitConverter.HalfToUInt16Bits((Half)Words.Single(bits)));
        Add(table, "cvt.rn.bf16.f32", "b16", "f32", (bits, _) => Words.ToBfloat16(Words.Single(bits)));
        Add(table, "cvt.rna.tf32.f32", "b32", "f32", (bits, _) => Words.ToTf32(Words.Single(bits)));

        // The first source becomes the upper half.
        PtxType f32 = PtxType.Of("f32"), b32 = PtxType.Of("b32");
        table.Compute("cvt.rn.bf16x2.f32", b32, [f32, f32], (high, low, _) => (Words.ToBfloat16(Words.Single(high)) << 16) | Words.ToBfloat16(Words.Single(low)));
    }

    /// <summary>Registers of a conversion may be wider than its types, like those of loads; the rest of a destination is filled by its sign.</summary>
    private static void Add(OpcodeTable table, string name, string to, string from, Func<ulong, PtxType, ulong> function)
    {
        var target = PtxType.Of(to);
        var source = PtxType.Of(from);
        table.Add(
            name,
            [Rule.Write(target) with { Memory = true }, Rule.Read(source) with { Memory = true }],
            operands => new Compute(operands, operands[0].Width, (x, _, _) => Extend(function(x, source), target)));
    }

    private static ulong Extend(ulong bits, PtxType type) => type.Kind == PtxKind.Signed ? (ulong)Words.Signed(bits, type.Width) : Words.Unsigned(bits, type.Width);

    private static double Value(ulong bits, PtxType type) => type.Width == 32 ? Words.Single(bits) : Words.Double(bits);

    /// <summary>Values out of range become the nearest in range; NaN becomes 0.</summary>
    private static ulong Saturate(double value, PtxType type)
    {
        if (type.Kind == PtxKind.Unsigned)
        {
            return type.Width == 64 ? (ulong)value : Math.Min((ulong)value, (1UL << type.Width) - 1);
        }

        var limit = type.Width == 64 ? long.MaxValue : (1L << (type.Width - 1)) - 1;
        return (ulong)Math.Clamp((long)value, -limit - 1, limit);
    }
}
