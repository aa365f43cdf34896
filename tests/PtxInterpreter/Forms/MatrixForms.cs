using Graph.Ptx.Binding;
using Graph.Ptx.Machine;

namespace Graph.Ptx.Forms;

/// <summary>Loads of matrix fragments and products on tensor cores, as the manual lays fragments out over a warp.</summary>
internal static class MatrixForms
{
    private const int Rows = 16;
    private const int Columns = 8;

    private static readonly PtxType B32 = PtxType.Of("b32");
    private static readonly PtxType F32 = PtxType.Of("f32");

    public static void AddTo(OpcodeTable table)
    {
        foreach (var count in new[] { 1, 2, 4 })
        {
            foreach (var transposed in new[] { false, true })
            {
                var name = $"ldmatrix.sync.aligned.m8n8.x{count}{(transposed ? ".trans" : "")}.shared.b16";
                table.Add(name, [Rule.Write(B32, count), Rule.At(Space.Shared)], operands => new WholeWarp((warp, mask) => LoadMatrix(warp, mask, operands, transposed)));
            }
        }

        Rule[] rules = [Rule.Write(F32, 4), Rule.Read(B32, 4), Rule.Read(B32, 2), Rule.Read(F32, 4)];
        table.Add("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32", rules, operands => new WholeWarp((warp, mask) => Multiply(warp, mask, operands, 16, GatherBfloat16)));
        table.Add("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32", rules, operands => new WholeWarp((warp, mask) => Multiply(warp, mask, operands, 8, GatherTf32)));
    }

    /// <summary>Lane 8j+r gives the address of row r of matrix j; lane l gets row l/4, columns 2(l%4) and the next.</summary>
    private static void LoadMatrix(Warp warp, uint mask, Operand[] operands, bool transposed)
    {
        warp.Together(mask, true, "ldmatrix");
        var elements = new ulong[64];
        for (var j = 0; j < operands[0].All.Length; j++)
        {
            // A row of 16 bytes takes four of the 32 banks.
            var taken = 0;
            for (var row = 0; row < 8; row++)
            {
                var lane = (j * 8) + row;
                var address = warp.Address(operands[1], lane);
                var banks = 1 << (int)(address / 16 % 8);
                warp.Group.Machine.MatrixConflicts += (taken & banks) == 0 ? 0 : 1;
                taken |= banks;
                var bytes = warp.Memory(Space.Shared).Open(warp, lane, address, 16, Access.Read);
                for (var column = 0; column < 8; column++)
                {
                    elements[(row * 8) + column] = MemoryForms.Read(bytes.Slice(column * 2, 2));
                }
            }

            var to = warp.Row(operands[0].All[j]);
            for (var lane = 0; lane < Warp.Width; lane++)
            {
                var (row, column) = (lane / 4, lane % 4 * 2);
                to[lane] = transposed
                    ? elements[(column * 8) + row] | (elements[((column + 1) * 8) + row] << 16)
                    : elements[(row * 8) + column] | (elements[(row * 8) + column + 1] << 16);
            }
        }
    }

    private static void Multiply(Warp warp, uint mask, Operand[] operands, int depth, Action<Warp, Operand[], float[], float[]> gather)
    {
        warp.Together(mask, true, "mma.sync");

        // A is row-major, B too, as depth x columns.
        var a = new float[Rows * depth];
        var b = new float[depth * Columns];
        gather(warp, operands, a, b);

        // All of C before any of D: the registers of the two may be the same in another order.
        var c = Array.ConvertAll(operands[3].All, row => warp.Row(row).ToArray());
        for (var register = 0; register < 4; register++)
        {
            var to = warp.Row(operands[0].All[register]);
            for (var lane = 0; lane < Warp.Width; lane++)
            {
                var row = (lane / 4) + (register / 2 * 8);
                var column = (lane % 4 * 2) + (register % 2);
                var sum = Words.Single(c[register][lane]);
                for (var k = 0; k < depth; k++)
                {
                    sum += a[(row * depth) + k] * b[(k * Columns) + column];
                }

                to[lane] = Words.Bits(sum);
            }
        }
    }

    private static void GatherBfloat16(Warp warp, Operand[] operands, float[] a, float[] b)
    {
        for (var register = 0; register < 4; register++)
        {
            var values = warp.Row(operands[1].All[register]);
            for (var lane = 0; lane < Warp.Width; lane++)
            {
                var at = (((lane / 4) + (register % 2 * 8)) * 16) + (lane % 4 * 2) + (register / 2 * 8);
                a[at] = Words.FromBfloat16(values[lane]);
                a[at + 1] = Words.FromBfloat16(values[lane] >> 16);
            }
        }

        for (var register = 0; register < 2; register++)
        {
            var values = warp.Row(operands[2].All[register]);
            for (var lane = 0; lane < Warp.Width; lane++)
            {
                var at = (((lane % 4 * 2) + (register * 8)) * Columns) + (lane / 4);
                b[at] = Words.FromBfloat16(values[lane]);
                b[at + Columns] = Words.FromBfloat16(values[lane] >> 16);
            }
        }
    }

    private static void GatherTf32(Warp warp, Operand[] operands, float[] a, float[] b)
    {
        for (var register = 0; register < 4; register++)
        {
            var values = warp.Row(operands[1].All[register]);
            for (var lane = 0; lane < Warp.Width; lane++)
            {
                a[(((lane / 4) + (register % 2 * 8)) * 8) + (lane % 4) + (register / 2 * 4)] = Words.FromTf32(values[lane]);
            }
        }

        for (var register = 0; register < 2; register++)
        {
            var values = warp.Row(operands[2].All[register]);
            for (var lane = 0; lane < Warp.Width; lane++)
            {
                b[(((lane % 4) + (register * 4)) * Columns) + (lane / 4)] = Words.FromTf32(values[lane]);
            }
        }
    }
}
