using Graph.Ptx.Binding;
using Graph.Ptx.Machine;

namespace Graph.Ptx.Forms;

/// <summary>Atomic operations, with and without a result.</summary>
internal static class AtomicForms
{
    private static readonly (string Operation, string Type, Func<ulong, ulong, ulong> Function)[] Operations =
    [
        ("add", "u32", (x, y) => x + y),
        ("add", "s32", (x, y) => x + y),
        ("add", "u64", (x, y) => x + y),
        ("add", "f32", (x, y) => Words.Bits(Words.Single(x) + Words.Single(y))),
        ("add", "f64", (x, y) => Words.Bits(Words.Double(x) + Words.Double(y))),
        ("min", "u32", Math.Min),
        ("max", "u32", Math.Max),
        ("min", "s32", (x, y) => Words.Signed(x, 32) < Words.Signed(y, 32) ? x : y),
        ("max", "s32", (x, y) => Words.Signed(x, 32) > Words.Signed(y, 32) ? x : y),
        ("and", "b32", (x, y) => x & y),
        ("or", "b32", (x, y) => x | y),
        ("xor", "b32", (x, y) => x ^ y),
        ("exch", "b32", (_, y) => y),
        ("exch", "b64", (_, y) => y),
    ];

    public static void AddTo(OpcodeTable table)
    {
        foreach (var (word, space) in new[] { ("global", Space.Global), ("shared", Space.Shared) })
        {
            foreach (var (operation, name, function) in Operations)
            {
                var type = PtxType.Of(name);

                // ILGPU writes the operation before the space, PTX's manual after it; ptxas takes both.
                foreach (var tail in new[] { $"{operation}.{word}.{name}", $"{word}.{operation}.{name}" })
                {
                    table.Add($"red.{tail}", [Rule.At(space), Rule.Read(type)], operands => new EachLane((warp, lane) => Change(warp, lane, space, operands[0], type, old => function(old, warp.Row(operands[1].Row)[lane]))));
                    table.Add($"atom.{tail}", [Rule.Write(type), Rule.At(space), Rule.Read(type)], operands => new EachLane((warp, lane) =>
                    {
                        var value = warp.Row(operands[2].Row)[lane];
                        warp.Row(operands[0].Row)[lane] = Change(warp, lane, space, operands[1], type, old => function(old, value));
                    }));
                }
            }

            foreach (var name in new[] { "b32", "b64" })
            {
                var type = PtxType.Of(name);
                foreach (var tail in new[] { $"cas.{word}.{name}", $"{word}.cas.{name}" })
                {
                    table.Add($"atom.{tail}", [Rule.Write(type), Rule.At(space), Rule.Read(type), Rule.Read(type)], operands => new EachLane((warp, lane) =>
                    {
                        var expected = warp.Row(operands[2].Row)[lane];
                        var value = warp.Row(operands[3].Row)[lane];
                        warp.Row(operands[0].Row)[lane] = Change(warp, lane, space, operands[1], type, old => old == expected ? value : old);
                    }));
                }
            }
        }
    }

    private static ulong Change(Warp warp, int lane, Space space, Operand address, PtxType type, Func<ulong, ulong> function)
    {
        var memory = warp.Memory(space).Open(warp, lane, warp.Address(address, lane), type.Bytes, Access.Atomic);
        var old = MemoryForms.Read(memory);
        MemoryForms.Write(memory, function(old));
        return old;
    }
}
