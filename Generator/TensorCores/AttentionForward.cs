using Graph.Generator.Emit;
using static Graph.Generator.TensorCores.AttentionEmitter;
using static Graph.Generator.TensorCores.MatrixText;

namespace Graph.Generator.TensorCores;

/// <summary>The text of attention's forward: a block's scores, the online softmax, and shares of values.</summary>
internal static class AttentionForward
{
    private const int Scored = AttentionSpec.Side / 8 * 4;

    public static (string Summary, string Registers) Describe(AttentionSpec spec) =>
        ($"Attention of heads of {spec.Width}.", $"{spec.Outputs} outputs, {Scored} scores, {(spec.Steps * 4) + 20} fragments");

    public static void Body(CodeWriter writer, AttentionSpec spec)
    {
        Statement(writer, $".reg .f32 out<{spec.Outputs}>, score<{Scored}>, top<2>, total<2>, next<2>, shrink<2>; .reg .b32 query<{spec.Steps * 4}>, share<16>, block<4>;");
        Clear(writer, "out", spec.Outputs);
        Statement(writer, Each([0, 1], i => $"mov.f32 top{i}, {Lowest}; mov.f32 total{i}, 0f00000000;"));
        var (own, met) = Places(writer, spec);
        writer.Line("// Matrix rows that this lane addresses; a line 16 further has the same swizzle.");
        LeftAddresses(writer, spec.Own[0]);
        ColumnAddresses(writer, spec.Met[0]);
        SumAddresses(writer, spec.Met[1]);
        writer.Line();
        Begin(writer, spec, own, met);
        Blocks(writer, spec, met, () =>
        {
            ScoresOf(writer, spec);
            Softmax(writer, spec.Outputs);
            for (var block = 0; block < AttentionSpec.Side / 16; block++)
            {
                Outputs(writer, spec, "out", spec.Met[1], block, block * 4, " + read");
            }
        });
        Store(writer, spec.Outputs);
    }

    /// <summary>Scores in powers of two: scaled by log2 e.</summary>
    private static void ScoresOf(CodeWriter writer, AttentionSpec spec)
    {
        Clear(writer, "score", Scored);
        for (var step = 0; step < spec.Steps; step++)
        {
            for (var block = 0; block < AttentionSpec.Side / 16; block++)
            {
                Scores(writer, "score", block, spec.Own[0], spec.Met[0], block, step, " + read");
            }
        }

        writer.Line($"float scale = a.F0 * {LogE};");
        Rows(writer, Enumerable.Range(0, Scored), i => $"mul.f32 score{i}, score{i}, %0;", ", scale");
        Mask(writer, Scored, "first");
    }

    /// <summary>Maxima of rows, then probabilities: as fragments in bfloat16, and summed in float32. A row's sums meet at the end.</summary>
    private static void Softmax(CodeWriter writer, int outputs)
    {
        for (var row = 0; row < 2; row++)
        {
            Statement(writer, $"mov.f32 next{row}, top{row};");
            Rows(writer, OfRow(Scored, row), i => $"max.f32 next{row}, next{row}, score{i};");
            Statement(writer, $"{{ .reg .f32 x; {Each([1, 2], by => $"shfl.sync.bfly.b32 x, next{row}, {by}, 0x1f, 0xffffffff; max.f32 next{row}, next{row}, x;")} }}");
            Statement(writer, $"sub.f32 shrink{row}, top{row}, next{row}; ex2.approx.ftz.f32 shrink{row}, shrink{row}; mov.f32 top{row}, next{row}; mul.f32 total{row}, total{row}, shrink{row};");
            Rows(writer, OfRow(outputs, row), i => $"mul.f32 out{i}, out{i}, shrink{row};");
            Rows(writer, OfRow(Scored, row), i => $"sub.f32 score{i}, score{i}, top{row}; ex2.approx.ftz.f32 score{i}, score{i}; add.f32 total{row}, total{row}, score{i};", count: 2);
        }

        Round(writer, "share", "score", Scored / 2);
    }

    private static void Store(CodeWriter writer, int outputs)
    {
        writer.Line("int row = start + (warp * 16) + (lane >> 2), isFirst = (lane & 3) == 0 ? 1 : 0;");
        writer.Line($"long yAt = ({Element("a.R1")} + place + (row * (long)a.I1) + ((lane & 3) * 2)) * 2, lseAt = (a.R2 + (unit * (long)a.I0) + row) * 4;");
        for (var row = 0; row < 2; row++)
        {
            Statement(writer, $"{{ .reg .f32 x; {Each([1, 2], by => $"shfl.sync.bfly.b32 x, total{row}, {by}, 0x1f, 0xffffffff; add.f32 total{row}, total{row}, x;")} rcp.rn.f32 shrink{row}, total{row}; }}");
            StoreRow(writer, "out", outputs, row, $"shrink{row}", $"yAt + (a.I1 * {row * 16}L)");

            // ln Σ exp = ln 2 (top + log2 total).
            writer.Line($"Asm.Emit(\"{{ .reg .pred in; .reg .f32 x; .reg .u64 at; setp.lt.s32 in, %1, %2; setp.ne.and.s32 in, %3, 0, in; add.u64 at, memory, %0; \"");
            writer.Line($"    + \"lg2.approx.ftz.f32 x, total{row}; add.f32 x, x, top{row}; mul.f32 x, x, 0f3F317218; @in st.global.f32 [at], x; }}\", lseAt + {row * 32}, row{(row == 0 ? "" : " + 8")}, a.I0, isFirst);");
        }
    }
}
