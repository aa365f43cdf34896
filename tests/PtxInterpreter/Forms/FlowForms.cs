using Graph.Ptx.Binding;

namespace Graph.Ptx.Forms;

/// <summary>Branches, ends, barriers and fences.</summary>
internal static class FlowForms
{
    public static void AddTo(OpcodeTable table)
    {
        table.Add("ret", [], _ => new Exit());
        table.Add("ret.uni", [], _ => new Exit());
        table.Add("exit", [], _ => new Exit());
        foreach (var uniform in new[] { false, true })
        {
            var suffix = uniform ? ".uni" : "";
            table.Add($"bra{suffix}", [Rule.Label], operands => new Branch(operands[0].Targets!, -1, uniform));
            table.Add($"brx.idx{suffix}", [Rule.Read(PtxType.Of("u32")), Rule.Label], operands => new Branch(operands[1].Targets!, operands[0].Row, uniform));
        }

        table.Add("bar.sync", [Rule.Integer], operands => operands[0].Literal == 0 ? new GroupBarrier() : throw new PtxException("only barrier 0 is known"));

        // Groups and warps run one after another here: what a fence orders is in order. It does not order threads, so it is no barrier to races.
        foreach (var scope in new[] { "cta", "gl", "sys" })
        {
            table.Add($"membar.{scope}", [], _ => new EachLane((_, _) => { }));
        }
    }
}
