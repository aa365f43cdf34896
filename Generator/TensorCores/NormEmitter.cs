using Graph.Generator.Emit;
using static Graph.Generator.TensorCores.MatrixText;

namespace Graph.Generator.TensorCores;

/// <summary>
/// The text from sums to Y where the tile has whole rows: it adds the residual, sums squares of its rows, first over the four lanes that share a row, then over the warps
/// across through shared memory, and scales. A lane has read the residual where it writes Y, and no other lane reads that: Y may be the residual itself.
/// Columns behind the last one are zero in the sums, because B is, and are not added to.
/// </summary>
internal static class NormEmitter
{
    /// <summary>Statements about one register that stand in one line: a thread of the wide tile has 128 sums.</summary>
    private const int InLine = 16;

    public static void Emit(CodeWriter writer, ProductSpec spec)
    {
        writer.Line("// The residual, by pairs of columns, in every eighth row.");
        EpilogueEmitter.Position(writer, spec);
        EpilogueEmitter.Add(writer, spec, "residual", "a.R11", "a.I9", "a.J0");
        writer.Line();
        Squares(writer, spec);
        writer.Line();
        Statistic(writer, spec);
        writer.Line();
        writer.Line("// From sums to Y.");
        foreach (var eighth in Eighths(spec))
        {
            Rows(writer, Sums(spec, eighth), sum => $"mul.f32 sum{sum}, sum{sum}, scale{eighth};", count: InLine);
        }

        EpilogueEmitter.Store(writer, spec, "normalized", "a.R13", "a.I12", "a.J1");
    }

    /// <summary>Sums of squares of a warp's columns, to shared memory.</summary>
    private static void Squares(CodeWriter writer, ProductSpec spec)
    {
        writer.Line("// Squares of this lane's columns, of four lanes, of a warp.");
        Statement(writer, $".reg .f32 scale<{spec.Down * 2}>;");
        foreach (var eighth in Eighths(spec))
        {
            var sums = Sums(spec, eighth).ToList();
            Rows(writer, sums, sum => sum == sums[0] ? $"mul.f32 scale{eighth}, sum{sum}, sum{sum};" : $"fma.rn.f32 scale{eighth}, sum{sum}, sum{sum}, scale{eighth};", count: InLine);
            Statement(writer, $"{{ .reg .f32 x; {Each([1, 2], by => $"shfl.sync.bfly.b32 x, scale{eighth}, {by}, 0x1f, 0xffffffff; add.f32 scale{eighth}, scale{eighth}, x;")} }}");
        }

        writer.Line($"int squares = {spec.SquaresStart} + ((warpTop + (lane >> 2)) * {sizeof(float)});");
        var stored = Each(Eighths(spec), eighth => $"@first st.shared.f32 {At(eighth * 8 * sizeof(float))}, scale{eighth};");
        writer.Line("Asm.Emit(\"{ .reg .pred first; .reg .u32 at; add.u32 at, tile, %0; setp.eq.s32 first, %1, 0; \"");
        writer.Line($"    + \"{stored} }}\", squares + (warp / {spec.WarpsM} * {spec.TileM * sizeof(float)}), lane & 3);");
        writer.Line("Group.Barrier();");
    }

    /// <summary>The factor of each row from the sums of all warps across, always in the same order; one lane of a row stores it.</summary>
    private static void Statistic(CodeWriter writer, ProductSpec spec)
    {
        writer.Line("// Squares of whole rows, and what they are scaled by.");
        foreach (var eighth in Eighths(spec))
        {
            var place = (int warp) => At(((warp * spec.TileM) + (eighth * 8)) * sizeof(float));
            var more = Each(Enumerable.Range(1, spec.WarpsN - 1), warp => $"ld.shared.f32 x, {place(warp)}; add.f32 scale{eighth}, scale{eighth}, x;");
            writer.Line($"Asm.Emit(\"{{ .reg .f32 x; .reg .u32 at; add.u32 at, tile, %0; ld.shared.f32 scale{eighth}, {place(0)}; {more} \"");
            writer.Line($"    + \"cvt.rn.f32.s32 x, %1; div.rn.f32 scale{eighth}, scale{eighth}, x; add.f32 scale{eighth}, scale{eighth}, %2; sqrt.rn.f32 scale{eighth}, scale{eighth}; rcp.rn.f32 scale{eighth}, scale{eighth}; }}\", squares, a.I1, a.F0);");
        }

        using (writer.Block("if (a.R14 >= 0)"))
        {
            foreach (var eighth in Eighths(spec))
            {
                var row = eighth == 0 ? "row" : $"row + {eighth * 8}";
                writer.Line($"Asm.Emit(\"{{ .reg .pred in; .reg .u64 at; add.u64 at, memory, %0; setp.eq.s32 in, %1, 0; setp.lt.and.s32 in, %2, %3, in; @in st.global.f32 [at], scale{eighth}; }}\", (a.R14 + {row}) * {sizeof(float)}, column, {row}, a.I0);");
            }
        }
    }

    /// <summary>Every eighth row of a warp: a lane has columns of each.</summary>
    private static IEnumerable<int> Eighths(ProductSpec spec) => Enumerable.Range(0, spec.Down * 2);

    /// <summary>A lane's sums in such a row.</summary>
    private static IEnumerable<int> Sums(ProductSpec spec, int eighth) =>
        Enumerable.Range(0, spec.Across * 2).Select(i => (((eighth / 2 * spec.Across) + (i / 2)) * 4) + (eighth % 2 * 2) + (i % 2));
}
