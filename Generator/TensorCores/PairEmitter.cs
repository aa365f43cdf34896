using Graph.Generator.Emit;
using static Graph.Generator.TensorCores.MatrixText;

namespace Graph.Generator.TensorCores;

/// <summary>
/// The text from sums to Y where row work on pairs of columns is done by the tile. A lane has the sums of two neighbouring pairs in each two
/// blocks of eight columns: the first block's and, behind them, their partners (<see cref="LoadEmitter.PairColumn"/>). C and Y are float32 or bfloat16, each as
/// the launch says.
/// </summary>
internal static class PairEmitter
{
    public static void Emit(CodeWriter writer, ProductSpec spec)
    {
        writer.Line("// From sums to Y: two neighbouring pairs of columns, in every eighth row.");
        writer.Line("int row = top + warpTop + (lane >> 2);");
        for (var pair = 0; pair < spec.Across / 2; pair++)
        {
            LoadEmitter.PairColumn(writer, $"pair{pair}", $"start + warpStart + {(pair == 0 ? "" : $"{pair * 16} + ")}((lane & 3) * 2)");
            writer.Line($"Asm.Emit(\"setp.lt.s32 inside{pair}, %0, %1;\", pair{pair}Tiled, a.I1);");
            if (spec.Rotates)
            {
                writer.Line($"Asm.Emit(\"setp.lt.s32 inside{Turned(spec, pair)}, %0, %1;\", pair{pair}Tiled, a.I15);");
            }
        }

        writer.Line("Asm.Emit(\".reg .u64 partner2, partner4; mul.wide.s32 partner2, %0, 2; mul.wide.s32 partner4, %0, 4;\", a.I11);");
        using (writer.Block("if (a.I13 != 0)"))
        {
            Forms(writer, "a.J0", bytes => Rows(writer, spec, "kept", "a.R2", "a.I5", bytes, (_, _) => [], (sums, _) => Kept(sums, bytes)));
        }

        Forms(writer, "a.J1", bytes => Rows(writer, spec, spec.Rotates ? "turned" : "gated", "a.R13", "a.I12", bytes, spec.Rotates ? Angles : (_, _) => [], (sums, turned) => spec.Rotates ? Rotated(sums, turned, bytes) : Gated(sums, bytes)));
    }

    /// <summary>A pair's predicate among those of the epilogue: it is turned, not copied.</summary>
    private static int Turned(ProductSpec spec, int pair) => (spec.Across / 2) + pair;

    /// <summary>One block of text for each eighth row and each pair of blocks.</summary>
    /// <param name="writer">Gets the text.</param>
    /// <param name="spec">The product.</param>
    /// <param name="name">Prefix of the places.</param>
    /// <param name="place">Expression of the matrix that is written.</param>
    /// <param name="stride">Of its stride.</param>
    /// <param name="bytes">Of its elements.</param>
    /// <param name="more">Operands besides the place, the row and the end of rows, of an eighth row's number and a pair's.</param>
    /// <param name="text">What is done with the sums, of a lane inside: predicate <c>in</c>, place <c>at</c>.</param>
    private static void Rows(CodeWriter writer, ProductSpec spec, string name, string place, string stride, int bytes, Func<int, int, string[]> more, Func<(int Low, int High), int, string> text)
    {
        writer.Line($"long {name}At = ({place} + (row * (long){stride})) * {bytes}, {name}Apart = {stride} * {8 * bytes}L;");
        for (var eighth = 0; eighth < spec.Down * 2; eighth++)
        {
            if (more(eighth, 0).Length > 0)
            {
                writer.Line($"int position{eighth} = {Row(eighth)} - (({Row(eighth)}) / a.I14 * a.I14);");
            }

            for (var pair = 0; pair < spec.Across / 2; pair++)
            {
                var low = (((eighth / 2 * spec.Across) + (2 * pair)) * 4) + (eighth % 2 * 2);
                var operands = string.Join(", ", new[] { $"{name}At{(eighth == 0 ? "" : $" + ({eighth} * {name}Apart)")} + (pair{pair} * {bytes}L)", Row(eighth), "a.I0" }.Concat(more(eighth, pair)));
                writer.Line($"Asm.Emit(\"{{ .reg .pred in; .reg .f32 x, y, z, w; {(bytes == sizeof(float) ? "" : ".reg .b32 pair; ")}.reg .u64 at; {(spec.Rotates ? ".reg .pred turned; .reg .f32 cosine<2>, sine<2>; .reg .u64 angle; " : "")}add.u64 at, memory, %0; \"");
                writer.Line($"    + \"setp.lt.and.s32 in, %1, %2, inside{pair}; {text((low, low + 4), spec.Rotates ? Turned(spec, pair) : 0)} }}\", {operands});");
            }
        }
    }

    private static string Row(int eighth) => eighth == 0 ? "row" : $"row + {eighth * 8}";

    /// <summary>Stores two neighbours.</summary>
    private static string Stored(string first, string second, int bytes) =>
        bytes == sizeof(float) ? $"@in st.global.v2.f32 [at], {{{first},{second}}};" : $"{Pair("pair", first, second)} @in st.global.b32 [at], pair;";

    /// <summary>To the place of the partners.</summary>
    private static string ToPartner(int bytes) => $"add.u64 at, at, partner{bytes};";

    private static string Kept((int Low, int High) sums, int bytes) =>
        $"{Stored($"sum{sums.Low}", $"sum{sums.Low + 1}", bytes)} {ToPartner(bytes)} {Stored($"sum{sums.High}", $"sum{sums.High + 1}", bytes)}";

    private static string Gated((int Low, int High) sums, int bytes) =>
        $"{Gated("x", sums.Low, sums.High)} {Gated("y", sums.Low + 1, sums.High + 1)} {Stored("x", "y", bytes)}";

    /// <summary>a b / (1 + exp(-a)): what the operator says, with 2 to the power of a log2 e.</summary>
    private static string Gated(string to, int a, int b) =>
        $"mul.f32 z, sum{a}, 0fBFB8AA3B; ex2.approx.f32 z, z; add.f32 z, z, 0f3F800000; mul.f32 w, sum{a}, sum{b}; div.rn.f32 {to}, w, z;";

    /// <summary>The place of a row's angles, and the factor of sines.</summary>
    private static string[] Angles(int eighth, int pair) => [$"(a.R14 + (position{eighth} * 2L * a.I11) + (pair{pair}InGroup >> 4 << 3) + (pair{pair}InGroup & 7)) * 4", "a.F0"];

    /// <summary>What is not turned is turned by nothing: cosine 1, sine 0.</summary>
    private static string Rotated((int Low, int High) sums, int turned, int bytes) =>
        $"setp.lt.and.s32 turned, %1, %2, inside{turned}; add.u64 angle, memory, %3; "
        + "mov.f32 cosine0, 0f3F800000; mov.f32 cosine1, cosine0; mov.f32 sine0, 0f00000000; mov.f32 sine1, sine0; "
        + "@turned ld.global.v2.f32 {cosine0,cosine1}, [angle]; add.u64 angle, angle, partner4; @turned ld.global.v2.f32 {sine0,sine1}, [angle]; mul.f32 sine0, sine0, %4; mul.f32 sine1, sine1, %4; "
        + $"{Turn("x", sums.Low, "cosine0", sums.High, "sine0", "sub")} {Turn("y", sums.Low + 1, "cosine1", sums.High + 1, "sine1", "sub")} {Stored("x", "y", bytes)} {ToPartner(bytes)} "
        + $"{Turn("x", sums.High, "cosine0", sums.Low, "sine0", "add")} {Turn("y", sums.High + 1, "cosine1", sums.Low + 1, "sine1", "add")} {Stored("x", "y", bytes)}";

    private static string Turn(string to, int a, string cos, int b, string sin, string sign) =>
        $"mul.f32 z, sum{a}, {cos}; mul.f32 w, sum{b}, {sin}; {sign}.f32 {to}, z, w;";
}
