using Graph.Generator.Emit;
using static Graph.Generator.TensorCores.MatrixText;

namespace Graph.Generator.TensorCores;

/// <summary>
/// The text from sums, which are dY, to the gradients of both halves of SwiGLU's gate, and to its Y once more. A lane has two neighbouring columns in each block of eight,
/// in one row and in the row eight below, and reads and writes the same two of each half at once. All loads of a row come before its stores: behind a store
/// that might hit them they would wait.
/// </summary>
internal static class GateBackwardEmitter
{
    public static void Emit(CodeWriter writer, ProductSpec spec)
    {
        writer.Line("// From sums, which are dY, to Y and to the gradients of a and b: pairs of columns, in every eighth row.");
        writer.Line("int row = top + warpTop + (lane >> 2), column = start + warpStart + ((lane & 3) * 2);");
        for (var block = 0; block < spec.Across; block++)
        {
            writer.Line($"Asm.Emit(\"setp.lt.s32 inside{block}, %0, %1;\", column{(block == 0 ? "" : $" + {block * 8}")}, a.I1);");
        }

        writer.Line($"Asm.Emit(\".reg .b32 gate<{spec.Across}>, up<{spec.Across}>; .reg .u64 apartX, apartGradient; mul.wide.s32 apartX, %0, 2; mul.wide.s32 apartGradient, %1, 2;\", a.I14, a.I15);");
        Place(writer, "y", "a.R13", "a.J5", "a.I11");
        Place(writer, "x", "a.R14", "a.J6", "a.I12");
        Place(writer, "gradient", "a.R15", "a.J7", "a.I13");
        for (var eighth = 0; eighth < spec.Down * 2; eighth++)
        {
            Row(writer, spec, eighth);
        }
    }

    /// <summary>The lane's first place in a matrix, in bytes, and the distance of eight rows.</summary>
    private static void Place(CodeWriter writer, string name, string place, string batch, string stride) =>
        writer.Line($"long {name}At = ({place} + (batch * (long){batch}) + (row * (long){stride}) + column) * 2, {name}Apart = {stride} * 16L;");

    private static void Row(CodeWriter writer, ProductSpec spec, int eighth)
    {
        writer.Line("Asm.Emit(\"{ .reg .pred in; .reg .b32 pair; .reg .f32 a, b, s, t, y<2>, da<2>, db<2>; .reg .u64 x, up, y, da, db; \"");
        writer.Line("    + \"add.u64 y, memory, %0; add.u64 x, memory, %1; add.u64 up, x, apartX; add.u64 da, memory, %2; add.u64 db, da, apartGradient; \"");
        for (var block = 0; block < spec.Across; block++)
        {
            writer.Line($"    + \"{Inside(block)} @in ld.global.b32 gate{block}, {In("x", block)}; @in ld.global.b32 up{block}, {In("up", block)}; \"");
        }

        for (var block = 0; block < spec.Across; block++)
        {
            var sum = (((eighth / 2 * spec.Across) + block) * 4) + (eighth % 2 * 2);
            writer.Line($"    + \"{Inside(block)} {Unpacked(block, 0)} {Gradient(0, sum)} {Unpacked(block, 1)} {Gradient(1, sum + 1)} \"");
            writer.Line($"    + \"{Stored("y", block)} {Stored("da", block)} {Stored("db", block)} \"");
        }

        writer.Line($"    + \"}}\", {Of("y", eighth)}, {Of("x", eighth)}, {Of("gradient", eighth)}, row{(eighth == 0 ? "" : $" + {eighth * 8}")}, a.I0);");
    }

    private static string Of(string name, int eighth) => eighth == 0 ? $"{name}At" : $"{name}At + ({eighth} * {name}Apart)";

    private static string Inside(int block) => $"setp.lt.and.s32 in, %3, %4, inside{block};";

    private static string In(string place, int block) => block == 0 ? $"[{place}]" : $"[{place}+{block * 16}]";

    /// <summary>The lower half of 32 bits is the first column's.</summary>
    private static string Unpacked(int block, int column) => column == 0
        ? $"shl.b32 pair, gate{block}, 16; mov.b32 a, pair; shl.b32 pair, up{block}, 16; mov.b32 b, pair;"
        : $"and.b32 pair, gate{block}, 0xFFFF0000; mov.b32 a, pair; and.b32 pair, up{block}, 0xFFFF0000; mov.b32 b, pair;";

    /// <summary>σ = 1 / (1 + exp(-a)), by 2 to the power of a log2 e; y = a σ b, da = dy σ b (1 + a (1 - σ)), db = dy σ a, as the operator says.</summary>
    private static string Gradient(int column, int dy) =>
        "mul.f32 s, a, 0fBFB8AA3B; ex2.approx.f32 s, s; add.f32 s, s, 0f3F800000; rcp.rn.f32 s, s; "
        + $"mul.f32 t, a, s; mul.f32 y{column}, t, b; mul.f32 db{column}, sum{dy}, t; "
        + $"sub.f32 t, a, t; add.f32 t, t, 0f3F800000; mul.f32 t, t, b; mul.f32 s, s, sum{dy}; mul.f32 da{column}, s, t;";

    private static string Stored(string name, int block) => $"{Pair("pair", $"{name}0", $"{name}1")} @in st.global.b32 {In(name, block)}, pair;";
}
