using Graph.Ptx.Binding;

namespace Graph.Ptx.Forms;

/// <summary>Moves, packing and unpacking, and conversions between address spaces.</summary>
internal static class MoveForms
{
    private static readonly string[] Types = ["pred", "b16", "u16", "s16", "b32", "u32", "s32", "f32", "b64", "u64", "s64", "f64"];

    public static void AddTo(OpcodeTable table)
    {
        foreach (var name in Types)
        {
            var type = PtxType.Of(name);
            table.Add($"mov.{name}", [Rule.Write(type), Rule.Read(type) with { Symbols = true }], operands => new Compute(operands, type.Width, (x, _, _) => x));
        }

        foreach (var (whole, part, count) in new[] { ("b32", "b16", 2), ("b64", "b32", 2), ("b64", "b16", 4) })
        {
            AddVector(table, whole, part, count);
        }

        foreach (var space in new[] { "global", "shared", "local" })
        {
            // The interpreter's spaces are apart; addresses are used only through their own.
            table.Compute($"cvta.to.{space}.u64", PtxType.Of("u64"), [PtxType.Of("u64")], (x, _, _) => x);
        }
    }

    /// <summary>Packing and unpacking are spelt like a move: they are told apart by the braces.</summary>
    private static void AddVector(OpcodeTable table, string whole, string part, int count)
    {
        var wide = PtxType.Of(whole);
        var narrow = PtxType.Of(part);
        table.Add($"mov.{whole}", [Rule.Write(wide), Rule.Read(narrow, count)], operands => new EachLane((warp, lane) =>
        {
            var value = 0UL;
            for (var i = 0; i < count; i++)
            {
                value |= warp.Row(operands[1].All[i])[lane] << (i * narrow.Width);
            }

            warp.Row(operands[0].Row)[lane] = value;
        }));
        table.Add($"mov.{whole}", [Rule.Write(narrow, count), Rule.Read(wide)], operands => new EachLane((warp, lane) =>
        {
            var value = warp.Row(operands[1].Row)[lane];
            for (var i = 0; i < count; i++)
            {
                warp.Row(operands[0].All[i])[lane] = Words.Unsigned(value >> (i * narrow.Width), narrow.Width);
            }
        }));
    }
}
