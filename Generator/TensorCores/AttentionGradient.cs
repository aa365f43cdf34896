using Graph.Generator.Emit;
using static Graph.Generator.TensorCores.AttentionEmitter;
using static Graph.Generator.TensorCores.MatrixText;

namespace Graph.Generator.TensorCores;

/// <summary>
/// The text of attention's backward, for the owner of queries or of keys. Both rebuild probabilities p from the saved logarithms and slopes
/// ds = p (dy·v - δ), with their own lines for rows; no maximum is needed, so sixteen columns at a time go through all products and few
/// scores are ever held. The scores' scale is left to the stores.
/// </summary>
internal static class AttentionGradient
{
    /// <summary>Columns of a turn: two sixteens, so that one's products can hide the other's powers.</summary>
    private const int Turn = 32;

    /// <summary>Scores of a lane in sixteen columns.</summary>
    private const int Scored = 8;

    public static (string Summary, string Registers) Describe(AttentionSpec spec) =>
        ($"Gradients of {(spec.OwnsKeys ? "keys and values" : "queries")} of attention's heads of {spec.Width}.",
        $"{spec.Outputs * spec.Met.Count(tile => Output(spec, tile) is not null)} outputs, {Scored * 2} scores, {(spec.Steps * 8) + 8} fragments");

    public static void Body(CodeWriter writer, AttentionSpec spec)
    {
        Statement(writer, $".reg .f32 score<{Scored}>, slope<{Scored}>, bias<2>, delta<2>; .reg .b32 share<4>, block<4>;");
        Statement(writer, string.Join(" ", spec.Own.Select(tile => $".reg .b32 {tile.Name}<{spec.Steps * 4}>;")));
        foreach (var output in spec.Met.Select(tile => Output(spec, tile)).OfType<string>())
        {
            Statement(writer, $".reg .f32 {output}<{spec.Outputs}>;");
            Clear(writer, output, spec.Outputs);
        }

        var (own, met) = Places(writer, spec);
        writer.Line("// Matrix rows that this lane addresses; a line 16 further has the same swizzle.");
        foreach (var tile in spec.Own)
        {
            LeftAddresses(writer, tile);
        }

        foreach (var tile in spec.Met)
        {
            ColumnAddresses(writer, tile);
            if (Output(spec, tile) is not null)
            {
                SumAddresses(writer, tile);
            }
        }

        writer.Line();
        writer.Line($"float scale = a.F0 * {LogE};");
        writer.Line("int row = start + (warp * 16) + (lane >> 2);");
        if (spec.OwnsKeys)
        {
            VectorPlaces(writer, spec);
        }
        else
        {
            RowVectors(writer);
        }

        writer.Line();
        Begin(writer, spec, own, met, spec.OwnsKeys ? StoreVectors(Vector("vectorRow"), "vectorTo") : null);
        Blocks(writer, spec, met, () => Block(writer, spec));
        Store(writer, spec);
    }

    /// <summary>The next block's vectors pass registers: loaded before the products, stored after them.</summary>
    private static void Block(CodeWriter writer, AttentionSpec spec)
    {
        if (spec.OwnsKeys)
        {
            writer.Line($"int vectorNext = first + {AttentionSpec.Side} + vectorRow;");
            writer.Line($"float vectorHeld = {Vector("vectorNext")};");
        }

        using (writer.Block($"for (var column = 0; column < {AttentionSpec.Side}; column += {Turn})"))
        {
            writer.Line($"int line = read + (column * {spec.Own[0].LineBytes});");
            for (var block = 0; block < Turn / 16; block++)
            {
                Columns(writer, spec, block);
            }
        }

        if (spec.OwnsKeys)
        {
            writer.Line(StoreVectors("vectorHeld", "write + vectorTo"));
        }
    }

    /// <summary>A query's logarithm or δ; zero behind the end.</summary>
    private static string Vector(string row) => $"({row} < a.I0 ? floats[vectorFrom + {row}] : 0f)";

    private static string StoreVectors(string value, string to) => $"Asm.Emit(\"{{ .reg .u32 to; add.u32 to, tile, %0; st.shared.f32 [to], %1; }}\", {to}, {value} * vectorScale);";

    /// <summary>Sixteen columns: scores and products of values, slopes, and what both add to the outputs.</summary>
    private static void Columns(CodeWriter writer, AttentionSpec spec, int block)
    {
        foreach (var (sum, tile) in new[] { ("score", 0), ("slope", 1) })
        {
            Clear(writer, sum, Scored);
            for (var step = 0; step < spec.Steps; step++)
            {
                Scores(writer, sum, 0, spec.Own[tile], spec.Met[tile], block, step, " + line");
            }
        }

        Slopes(writer, spec, block);
        foreach (var (sum, tile) in new[] { ("score", 1), ("slope", 0) })
        {
            if (Output(spec, spec.Met[tile]) is { } output)
            {
                Round(writer, "share", sum, Scored / 2);
                Outputs(writer, spec, output, spec.Met[tile], block, 0, " + line");
            }
        }
    }

    /// <summary>Scores become probabilities, and products of values slopes. Logarithms and δ belong to queries: to rows or to columns.</summary>
    private static void Slopes(CodeWriter writer, AttentionSpec spec, int block)
    {
        for (var half = 0; half < Scored; half += 4)
        {
            if (spec.OwnsKeys)
            {
                var place = ((block * 16) + (half * 2)) * sizeof(float);
                writer.Line($"Asm.Emit(\"{{ .reg .u32 at; add.u32 at, tile, %0; ld.shared.v2.f32 {{bias0,bias1}}, {At(place)}; ld.shared.v2.f32 {{delta0,delta1}}, {At(place + AttentionSpec.VectorBytes)}; }}\", read + vectorAt + (column * 4));");
            }

            Rows(writer, Enumerable.Range(half, 4), i => $"fma.rn.f32 score{i}, score{i}, %0, bias{Query(i)}; sub.f32 slope{i}, slope{i}, delta{Query(i)};", ", scale", 2);
        }

        // What is behind the end was loaded as zeros and adds nothing, if only powers are finite. Those of queries are exp(0); keys would
        // have the query's own logarithm, which may be far below 0.
        if (!spec.OwnsKeys)
        {
            Mask(writer, Scored, $"first + column + {block * 16}");
        }

        Rows(writer, Enumerable.Range(0, Scored), i => $"ex2.approx.ftz.f32 score{i}, score{i}; mul.f32 slope{i}, slope{i}, score{i};", count: 2);

        int Query(int i) => spec.OwnsKeys ? i % 2 : i % 4 / 2;
    }

    /// <summary>Logarithms and δ of a lane's two queries.</summary>
    private static void RowVectors(CodeWriter writer)
    {
        writer.Line("long vectorFrom = (unit * (long)a.I0) + row;");
        for (var row = 0; row < 2; row++)
        {
            var more = row == 0 ? "" : " + 8";
            writer.Line($"float lse{row} = row{more} < a.I0 ? floats[a.R2 + vectorFrom{more}] : 0f, less{row} = row{more} < a.I0 ? floats[a.R5 + vectorFrom{more}] : 0f;");
            writer.Line($"Asm.Emit(\"mov.f32 bias{row}, %0; mov.f32 delta{row}, %1;\", lse{row} * -{LogE}, less{row});");
        }
    }

    /// <summary>Half of the threads bring the logarithms of a block's queries to shared memory, the others their δ.</summary>
    private static void VectorPlaces(CodeWriter writer, AttentionSpec spec)
    {
        writer.Line($"// Vectors: {AttentionSpec.Side} logarithms as what exponents need, then {AttentionSpec.Side} δ.");
        writer.Line($"int vectorRow = thread & {AttentionSpec.Side - 1}, vectorTo = {spec.Vectors} + (thread * 4), vectorAt = {spec.Vectors} + ((lane & 3) * 8);");
        writer.Line($"long vectorFrom = (thread < {AttentionSpec.Side} ? a.R2 : a.R5) + (unit * (long)a.I0);");
        writer.Line($"float vectorScale = thread < {AttentionSpec.Side} ? -{LogE} : 1f;");
    }

    private static void Store(CodeWriter writer, AttentionSpec spec)
    {
        writer.Line($"long target = (queries - {Element("a.R0")} + {Element("a.R4")} + (row * (long)stride) + ((lane & 3) * 2)) * 2;");
        foreach (var (output, part, isScaled) in spec.OwnsKeys ? new[] { ("keySum", " + (a.I1 * 2L)", true), ("valueSum", " + (a.I1 * 4L)", false) } : [("querySum", "", true)])
        {
            for (var row = 0; row < 2; row++)
            {
                StoreRow(writer, output, spec.Outputs, row, isScaled ? "%3" : null, $"target{part}{(row == 0 ? "" : " + (stride * 16L)")}", isScaled ? ", a.F0" : "");
            }
        }
    }

    /// <summary>The gradient that a tile's lines are summed to; null if none: keys with slopes to queries', queries with slopes to keys', dy with probabilities to values'.</summary>
    private static string? Output(AttentionSpec spec, OperandTile met) => (spec.OwnsKeys, met.Name) switch
    {
        (false, "key") => "querySum",
        (true, "query") => "keySum",
        (true, "gradient") => "valueSum",
        _ => null,
    };
}
