using Graph.Generator.Emit;
using static Graph.Generator.TensorCores.MatrixText;

namespace Graph.Generator.TensorCores;

/// <summary>
/// The text from sums to C. A lane has two neighbouring columns in each block of eight, in one row and in the row eight below: it loads and
/// stores both at once, or each alone where C is ragged; inside C alone. Pairs may be bfloat16, as the launch says.
/// </summary>
internal static class EpilogueEmitter
{
    public static void Emit(CodeWriter writer, ProductSpec spec)
    {
        writer.Line($"// From sums to C: {(spec.HasRaggedResult ? "" : "pairs of ")}columns, in every eighth row.");
        Position(writer, spec);
        if (spec.Adds)
        {
            using (writer.Block("if (a.I6 != 0)"))
            {
                Either(writer, spec, "added", "a.R11 + (batch * a.R12)", "a.I9", AddTwo, AddPair, AddOne);
            }
        }

        Either(writer, spec, "stored", "a.R2 + (batch * a.R5)", "a.I5", StoreTwo, StorePair, StoreOne);
    }

    /// <summary>This lane's first row and column, and which of its columns are inside.</summary>
    public static void Position(CodeWriter writer, ProductSpec spec)
    {
        writer.Line("int row = top + warpTop + (lane >> 2), column = start + warpStart + ((lane & 3) * 2);");
        foreach (var (inside, _, column) in Columns(spec))
        {
            writer.Line($"Asm.Emit(\"setp.lt.s32 {inside}, %0, %1;\", column{(column == 0 ? "" : $" + {column}")}, a.I1);");
        }
    }

    /// <summary>Adds a matrix of pairs to the sums; <paramref name="flag"/> is not 0 where it is bfloat16.</summary>
    public static void Add(CodeWriter writer, ProductSpec spec, string name, string place, string stride, string flag) =>
        Forms(writer, flag, bytes => Matrix(writer, spec, name, place, stride, bytes, bytes == sizeof(float) ? AddTwo : AddPair));

    /// <summary>Stores the sums as such a matrix.</summary>
    public static void Store(CodeWriter writer, ProductSpec spec, string name, string place, string stride, string flag) =>
        Forms(writer, flag, bytes => Matrix(writer, spec, name, place, stride, bytes, bytes == sizeof(float) ? StoreTwo : StorePair));

    /// <summary>A matrix in the form that the launch says; single elements are float32.</summary>
    private static void Either(CodeWriter writer, ProductSpec spec, string name, string place, string stride, Func<int, int, string> float32, Func<int, int, string> bfloat16, Func<int, int, string> one)
    {
        if (spec.HasRaggedResult)
        {
            Matrix(writer, spec, name, place, stride, sizeof(float), one);
            return;
        }

        Forms(writer, "a.J0", bytes => Matrix(writer, spec, name, place, stride, bytes, bytes == sizeof(float) ? float32 : bfloat16));
    }

    /// <summary>A lane's columns that are loaded and stored at once: the predicate that they are inside, the first sum's place in a row of fragments, the first column.</summary>
    private static IEnumerable<(string Inside, int Sum, int Column)> Columns(ProductSpec spec)
    {
        for (var i = 0; i < spec.Across * 2; i += spec.ColumnsAtOnce)
        {
            yield return ($"inside{i / spec.ColumnsAtOnce}", (i / 2 * 4) + (i % 2), (i / 2 * 8) + (i % 2));
        }
    }

    private static void Matrix(CodeWriter writer, ProductSpec spec, string name, string place, string stride, int bytes, Func<int, int, string> access)
    {
        var inLine = spec.Normalizes ? 4 : 1;
        var pair = bytes == sizeof(float) ? "" : ".reg .b32 pair, low; ";
        writer.Line($"long {name}At = ({place} + (row * (long){stride}) + column) * {bytes}, {name}Apart = {stride} * {8 * bytes}L;");
        for (var eighth = 0; eighth < spec.Down * 2; eighth++)
        {
            writer.Line($"Asm.Emit(\"{{ .reg .pred in; .reg .f32 x, y; {pair}.reg .u64 at; add.u64 at, memory, %0; \"");
            var columns = Columns(spec).Select(at => $"setp.lt.and.s32 in, %1, %2, {at.Inside}; {access((eighth / 2 * spec.Across * 4) + (eighth % 2 * 2) + at.Sum, at.Column * bytes)} ").ToList();
            for (var i = 0; i < columns.Count; i += inLine)
            {
                writer.Line($"    + \"{string.Concat(columns.Skip(i).Take(inLine))}\"");
            }

            writer.Line($"    + \"}}\", {name}At{(eighth == 0 ? "" : $" + ({eighth} * {name}Apart)")}, row{(eighth == 0 ? "" : $" + {eighth * 8}")}, a.I0);");
        }
    }

    private static string AddTwo(int sum, int offset) =>
        $"@in ld.global.v2.f32 {{x,y}}, {At(offset)}; @in add.f32 sum{sum}, sum{sum}, x; @in add.f32 sum{sum + 1}, sum{sum + 1}, y;";

    /// <summary>The lower half of 32 bits is the first column's.</summary>
    private static string AddPair(int sum, int offset) =>
        $"@in ld.global.b32 pair, {At(offset)}; shl.b32 low, pair, 16; mov.b32 x, low; and.b32 pair, pair, 0xFFFF0000; mov.b32 y, pair; @in add.f32 sum{sum}, sum{sum}, x; @in add.f32 sum{sum + 1}, sum{sum + 1}, y;";

    private static string StorePair(int sum, int offset) => $"{Pair("pair", $"sum{sum}", $"sum{sum + 1}")} @in st.global.b32 {At(offset)}, pair;";

    private static string StoreTwo(int sum, int offset) => $"@in st.global.v2.f32 {At(offset)}, {{sum{sum},sum{sum + 1}}};";

    private static string AddOne(int sum, int offset) => $"@in ld.global.f32 x, {At(offset)}; @in add.f32 sum{sum}, sum{sum}, x;";

    private static string StoreOne(int sum, int offset) => $"@in st.global.f32 {At(offset)}, sum{sum};";
}
