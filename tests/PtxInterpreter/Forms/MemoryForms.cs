using System.Buffers.Binary;
using Graph.Ptx.Binding;
using Graph.Ptx.Machine;

namespace Graph.Ptx.Forms;

/// <summary>Loads and stores. Generic ones are no forms: they show that ILGPU lost track of a pointer's space.</summary>
internal static class MemoryForms
{
    private static readonly string[] Types = ["b8", "u8", "s8", "b16", "u16", "s16", "b32", "u32", "s32", "f32", "b64", "u64", "s64", "f64"];

    private static readonly (string Name, Space Space)[] Spaces =
        [("param", Space.Parameter), ("global", Space.Global), ("shared", Space.Shared), ("local", Space.Local)];

    public static void AddTo(OpcodeTable table)
    {
        foreach (var (word, space) in Spaces)
        {
            foreach (var name in Types)
            {
                var type = PtxType.Of(name);
                foreach (var count in new[] { 0, 2, 4 })
                {
                    // The longest access has 16 bytes.
                    if (count * type.Bytes > 16 || (space == Space.Parameter && count > 0))
                    {
                        continue;
                    }

                    var vector = count > 0 ? $".v{count}" : "";
                    table.Add($"ld.{word}{vector}.{name}", [Rule.Write(type, count) with { Memory = true }, Rule.At(space)], operands => new EachLane(Load(operands, space, type, Math.Max(count, 1))));
                    if (space != Space.Parameter)
                    {
                        table.Add($"st.{word}{vector}.{name}", [Rule.At(space), Rule.Read(type, count) with { Memory = true }], operands => new EachLane(Store(operands, space, type, Math.Max(count, 1))));
                    }
                }
            }
        }

        // A hint: it changes nothing that a kernel computes, and may lie past a buffer's end.
        table.Add("prefetch.global.L2", [Rule.At(Space.Global)], _ => new EachLane((_, _) => { }));
    }

    /// <summary>The bytes as a little-endian number.</summary>
    public static ulong Read(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        1 => bytes[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
    };

    /// <summary>Writes the low bytes of a number.</summary>
    public static void Write(Span<byte> bytes, ulong value)
    {
        switch (bytes.Length)
        {
            case 1:
                bytes[0] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
                break;
            default:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
                break;
        }
    }

    private static Action<Warp, int> Load(Operand[] operands, Space space, PtxType type, int count)
    {
        var rows = operands[0].All;
        var width = operands[0].Width;
        return (warp, lane) =>
        {
            var memory = warp.Memory(space).Open(warp, lane, warp.Address(operands[1], lane), count * type.Bytes, Access.Read);
            for (var i = 0; i < count; i++)
            {
                var value = Read(memory.Slice(i * type.Bytes, type.Bytes));
                warp.Row(rows[i])[lane] = type.Kind == PtxKind.Signed ? Words.Unsigned((ulong)Words.Signed(value, type.Width), width) : value;
            }
        };
    }

    private static Action<Warp, int> Store(Operand[] operands, Space space, PtxType type, int count)
    {
        var rows = operands[1].All;
        return (warp, lane) =>
        {
            var memory = warp.Memory(space).Open(warp, lane, warp.Address(operands[0], lane), count * type.Bytes, Access.Write);
            for (var i = 0; i < count; i++)
            {
                Write(memory.Slice(i * type.Bytes, type.Bytes), warp.Row(rows[i])[lane]);
            }
        };
    }
}
