using Graph.Ptx.Binding;
using Graph.Ptx.Machine;

namespace Graph.Ptx.Forms;

/// <summary>Asynchronous copies from global to shared memory.</summary>
internal static class CopyForms
{
    public static void AddTo(OpcodeTable table)
    {
        foreach (var (cache, sizes) in new (string, ulong[])[] { ("ca", [4, 8, 16]), ("cg", [16]) })
        {
            foreach (var hint in new[] { "", ".L2::128B" })
            {
                var name = $"cp.async.{cache}.shared.global{hint}";
                Rule[] rules = [Rule.At(Space.Shared), Rule.At(Space.Global), Rule.Integer];
                table.Add(name, rules, operands => new EachLane(Copy(operands, sizes)));
                table.Add(name, [.. rules, Rule.Read(PtxType.Of("u32"))], operands => new EachLane(Copy(operands, sizes)));
            }
        }

        table.Add("cp.async.commit_group", [], _ => new EachLane((warp, lane) => warp.Copies(lane).Commit()));
        table.Add("cp.async.wait_group", [Rule.Integer], operands => new EachLane((warp, lane) => warp.Copies(lane).Wait(warp, lane, operands[0].Literal)));
        table.Add("cp.async.wait_all", [], _ => new EachLane((warp, lane) =>
        {
            warp.Copies(lane).Commit();
            warp.Copies(lane).Wait(warp, lane, 0);
        }));
    }

    /// <summary>The optional last operand says how many bytes are read; the others become zero.</summary>
    private static Action<Warp, int> Copy(Operand[] operands, ulong[] sizes)
    {
        if (!sizes.Contains(operands[2].Literal))
        {
            throw new PtxException($"copies of {operands[2].Literal} bytes are not allowed");
        }

        var bytes = (int)operands[2].Literal;
        return (warp, lane) =>
        {
            var read = operands.Length > 3 ? warp.Row(operands[3].Row)[lane] : (ulong)bytes;
            if (read > (ulong)bytes)
            {
                throw new PtxException($"a copy of {bytes} bytes cannot read {read}");
            }

            var data = new byte[bytes];
            var source = warp.Address(operands[1], lane);
            if (read > 0)
            {
                if (source % (ulong)bytes != 0)
                {
                    throw new PtxException($"misaligned: asynchronous copy of {bytes} bytes from global address {source:x}, thread {warp.Thread(lane)}");
                }

                // A partial read is done in the largest pieces that stay aligned.
                for (ulong at = 0; at < read; at += 4)
                {
                    warp.Memory(Space.Global).Open(warp, lane, source + at, 4, Access.Read).CopyTo(data.AsSpan((int)at));
                }

                data.AsSpan((int)read).Clear();
            }

            var target = warp.Address(operands[0], lane);
            warp.Group.Shared.Begin(warp, lane, target, bytes);
            warp.Copies(lane).Begin(target, data);
        };
    }
}
