using Graph.Generator.Emit;
using static Graph.Generator.TensorCores.MatrixText;

namespace Graph.Generator.TensorCores;

/// <summary>
/// The text from sums to C. A lane has two neighbouring columns in each block of eight, in one row and in the row eight below: it loads and
/// stores both at once, or each alone where C is ragged; inside C alone.
/// </summary>
internal static class EpilogueEmitter
{
    public static void Emit(CodeWriter writer, ProductSpec spec)
    {
        writer.Line($"// From sums to C: {(spec.HasRaggedResult ? "" : "pairs of ")}columns, in every eighth row.");
        writer.Line("int row = top + warpTop + (lane >> 2), column = start + warpStart + ((lane & 3) * 2);");
        foreach (var (inside, _, column) in Columns(spec))
        {
            writer.Line($"Asm.Emit(\"setp.lt.s32 {inside}, %0, %1;\", column{(column == 0 ? "" : $" + {column}")}, a.I1);");
        }

        if (spec.Adds)
        {
            using (writer.Block("if (a.I6 != 0)"))
            {
                Matrix(writer, spec, "added", "a.R11 + (batch * a.R12)", "a.I9", spec.HasRaggedResult ? AddOne : AddTwo);
            }
        }

        Matrix(writer, spec, "stored", "a.R2 + (batch * a.R5)", "a.I5", spec.HasRaggedResult ? StoreOne : StoreTwo);
    }

    /// <summary>A lane's columns that are loaded and stored at once: the predicate that they are inside, the first sum's place in a row of fragments, the first column.</summary>
    private static IEnumerable<(string Inside, int Sum, int Column)> Columns(ProductSpec spec)
    {
        for (var i = 0; i < spec.Across * 2; i += spec.ColumnsAtOnce)
        {
            yield return ($"inside{i / spec.ColumnsAtOnce}", (i / 2 * 4) + (i % 2), (i / 2 * 8) + (i % 2));
        }
    }

    private static void Matrix(CodeWriter writer, ProductSpec spec, string name, string place, string stride, Func<int, int, string> access)
    {
        writer.Line($"long {name}At = ({place} + (row * (long){stride}) + column) * 4, {name}Apart = {stride} * 32L;");
        for (var eighth = 0; eighth < spec.Down * 2; eighth++)
        {
            writer.Line("Asm.Emit(\"{ .reg .pred in; .reg .f32 x, y; .reg .u64 at; add.u64 at, memory, %0; \"");
            foreach (var (inside, sum, column) in Columns(spec))
            {
                writer.Line($"    + \"setp.lt.and.s32 in, %1, %2, {inside}; {access((eighth / 2 * spec.Across * 4) + (eighth % 2 * 2) + sum, column * 4)} \"");
            }

            writer.Line($"    + \"}}\", {name}At{(eighth == 0 ? "" : $" + ({eighth} * {name}Apart)")}, row{(eighth == 0 ? "" : $" + {eighth * 8}")}, a.I0);");
        }
    }

    private static string AddTwo(int sum, int offset) =>
        $"@in ld.global.v2.f32 {{x,y}}, {At(offset)}; @in add.f32 sum{sum}, sum{sum}, x; @in add.f32 sum{sum + 1}, sum{sum + 1}, y;";

    private static string StoreTwo(int sum, int offset) => $"@in st.global.v2.f32 {At(offset)}, {{sum{sum},sum{sum + 1}}};";

    private static string AddOne(int sum, int offset) => $"@in ld.global.f32 x, {At(offset)}; @in add.f32 sum{sum}, sum{sum}, x;";

    private static string StoreOne(int sum, int offset) => $"@in st.global.f32 {At(offset)}, sum{sum};";
}
