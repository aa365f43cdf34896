using Graph.Ptx.Binding;
using Graph.Ptx.Machine;

namespace Graph.Ptx.Forms;

/// <summary>What the threads of a warp do together: shuffles and the warp's barrier.</summary>
internal static class WarpForms
{
    public static void AddTo(OpcodeTable table)
    {
        PtxType b32 = PtxType.Of("b32"), u32 = PtxType.Of("u32");
        foreach (var mode in new[] { "up", "down", "bfly", "idx" })
        {
            table.Add($"shfl.sync.{mode}.b32", [Rule.Write(b32), Rule.Read(b32), Rule.Read(u32), Rule.Read(u32), Rule.Read(u32)], operands => new WholeWarp((warp, mask) => Shuffle(warp, mask, operands, mode)));
        }

        table.Add("bar.warp.sync", [Rule.Read(u32)], _ => new WholeWarp((warp, mask) =>
        {
            warp.Together(mask, false, "bar.warp.sync");
            warp.Meet();
        }));
    }

    /// <summary>The manual's own pseudocode: the third operand holds the segment's mask and the clamp.</summary>
    private static void Shuffle(Warp warp, uint mask, Operand[] operands, string mode)
    {
        warp.Together(mask, false, "shfl.sync");
        var source = warp.Row(operands[1].Row).ToArray();
        for (var lane = 0; lane < Warp.Width; lane++)
        {
            if (((mask >> lane) & 1) == 0)
            {
                continue;
            }

            var by = (int)warp.Row(operands[2].Row)[lane] & 31;
            var bounds = (int)warp.Row(operands[3].Row)[lane];
            var segment = (bounds >> 8) & 31;
            var clamp = bounds & 31;
            var last = (lane & segment) | (clamp & ~segment);
            var first = lane & segment;
            var from = mode switch { "up" => lane - by, "down" => lane + by, "bfly" => lane ^ by, _ => first | (by & ~segment) };
            var inside = mode == "up" ? from >= last : from <= last;
            from = inside ? from : lane;
            warp.Row(operands[0].Row)[lane] = ((mask >> from) & 1) != 0 ? source[from] : throw new PtxException($"shfl.sync reads lane {from}, which is not there");
        }
    }
}
