using Graph.Generator.Emit;
using static Graph.Generator.TensorCores.MatrixText;

namespace Graph.Generator.TensorCores;

/// <summary>
/// The text from sums to C. A lane has two neighbouring columns in each block of eight, in one row and in the row eight below: it loads and
/// stores pairs, inside C alone.
/// </summary>
internal static class EpilogueEmitter
{
    public static void Emit(CodeWriter writer, ProductSpec spec)
    {
        writer.Line("// From sums to C: pairs of columns, in every eighth row.");
        writer.Line("int row = top + warpTop + (lane >> 2), column = start + warpStart + ((lane & 3) * 2);");
        for (var across = 0; across < spec.Across; across++)
        {
            writer.Line($"Asm.Emit(\"setp.lt.s32 inside{across}, %0, %1;\", column{(across == 0 ? "" : $" + {across * 8}")}, a.I1);");
        }

        if (spec.Adds)
        {
            using (writer.Block("if (a.I6 != 0)"))
            {
                Matrix(writer, spec, "added", "a.R11 + (batch * a.R12)", "a.I9", Add);
            }
        }

        Matrix(writer, spec, "stored", "a.R2 + (batch * a.R5)", "a.I5", Store);
    }

    private static void Matrix(CodeWriter writer, ProductSpec spec, string name, string place, string stride, Func<int, int, string> pair)
    {
        writer.Line($"long {name}At = ({place} + (row * (long){stride}) + column) * 4, {name}Apart = {stride} * 32L;");
        for (var eighth = 0; eighth < spec.Down * 2; eighth++)
        {
            writer.Line("Asm.Emit(\"{ .reg .pred in; .reg .f32 x, y; .reg .u64 at; add.u64 at, memory, %0; \"");
            for (var across = 0; across < spec.Across; across++)
            {
                var sum = (((eighth / 2 * spec.Across) + across) * 4) + (eighth % 2 * 2);
                writer.Line($"    + \"setp.lt.and.s32 in, %1, %2, inside{across}; {pair(sum, across * 32)} \"");
            }

            writer.Line($"    + \"}}\", {name}At{(eighth == 0 ? "" : $" + ({eighth} * {name}Apart)")}, row{(eighth == 0 ? "" : $" + {eighth * 8}")}, a.I0);");
        }
    }

    private static string Add(int sum, int offset) =>
        $"@in ld.global.v2.f32 {{x,y}}, {At(offset)}; @in add.f32 sum{sum}, sum{sum}, x; @in add.f32 sum{sum + 1}, sum{sum + 1}, y;";

    private static string Store(int sum, int offset) => $"@in st.global.v2.f32 {At(offset)}, {{sum{sum},sum{sum + 1}}};";
}
