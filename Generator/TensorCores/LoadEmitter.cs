using Graph.Generator.Emit;

namespace Graph.Generator.TensorCores;

/// <summary>The text that brings a factor's tiles to shared memory. What is outside the factor becomes zero: whole chunks, or elements of ragged lines.</summary>
/// <param name="tile">The factor.</param>
/// <param name="corner">Expression of the first row of the group's tile.</param>
/// <param name="extent">Of the end of rows.</param>
/// <param name="place">Of the factor's place, in elements.</param>
/// <param name="stride">Of elements between its lines in memory.</param>
/// <param name="summed">Of the end of summed indices.</param>
/// <param name="first">Of the first summed index.</param>
/// <param name="hasPairs">The tile's rows are pairs of the factor's (<see cref="PairColumn"/>).</param>
internal sealed class LoadEmitter(OperandTile tile, string corner, string extent, string place, string stride, string summed = "a.I2", string first = "first", bool hasPairs = false)
{
    /// <summary>True for what is under way in registers and must be stored.</summary>
    public bool HasEnd => !tile.IsCopied;

    private string Name => tile.Name;

    /// <summary>Texts that all copies share: 16 bytes, or as many zeros outside the factor.</summary>
    public static void Constants(CodeWriter writer)
    {
        writer.Line("const string Copy = \"{ .reg .pred in; .reg .u32 to, bytes; .reg .u64 from; add.u32 to, tile, %0; add.u64 from, memory, %1; \"");
        writer.Line("    + \"setp.lt.s32 in, %2, %3; setp.lt.and.s32 in, %4, %5, in; selp.u32 bytes, 16, 0, in; cp.async.cg.shared.global [to], [from], 16, bytes; }\";");
    }

    /// <summary>
    /// The column of C that a tile's column holds where columns go in pairs: of 16 columns of the tile, the first eight are neighbours in C and
    /// the others are their partners, a.I11 columns further. Groups of 2 · a.I11 follow each other.
    /// </summary>
    /// <param name="writer">Gets the text.</param>
    /// <param name="name">Of the column of C.</param>
    /// <param name="column">Expression of the tile's column.</param>
    public static void PairColumn(CodeWriter writer, string name, string column)
    {
        writer.Line($"int {name}Tiled = {column}, {name}InGroup = {name}Tiled - ({name}Tiled / (2 * a.I11) * 2 * a.I11);");
        writer.Line($"int {name} = {name}Tiled - {name}InGroup + ({name}InGroup >> 4 << 3) + ({name}InGroup & 7) + (({name}InGroup >> 3 & 1) * a.I11);");
    }

    /// <summary>Where this thread's first piece of a tile lies in memory and goes to.</summary>
    public void Position(CodeWriter writer)
    {
        var kind = tile.IsCopied ? "copied" : "through registers";
        var pieces = tile.IsRagged ? "elements" : "chunks";
        writer.Line($"// {Name}: {tile.Lines} lines of {tile.Pieces} {pieces}, {kind}; {tile.Loads} {pieces} a thread{(tile.Loaders < tile.Threads ? $" of the first {tile.Loaders}" : "")}{(tile.Loads > 1 ? $", {tile.Apart} lines apart" : "")}.");
        if (tile.IsRagged)
        {
            writer.Line($"int {Name}Line = thread / {tile.Pieces}, {Name}Element = thread % {tile.Pieces};");
            writer.Line($"int {Name}To = {tile.After}({Name}Line * {tile.LineBytes}) + ({tile.Swizzled($"({Name}Element >> 3)", $"{Name}Line")} * 16) + (({Name}Element & 7) * 2);");
        }
        else
        {
            writer.Line($"int {Name}Line = thread / {tile.Chunks}, {Name}Chunk = thread % {tile.Chunks};");
            writer.Line($"int {Name}To = {tile.After}({Name}Line * {tile.LineBytes}) + ({tile.Swizzled($"{Name}Chunk", $"{Name}Line")} * 16);");
        }

        if (hasPairs)
        {
            writer.Line($"int {Name}K = {From(first)}({Name}Chunk * 8);");
            for (var load = 0; load < tile.Loads; load++)
            {
                PairColumn(writer, $"{Name}Row{load}", Plus($"{From(corner)}{Name}Line", load * tile.Apart));
                writer.Line($"long {Name}From{load} = ({place} + ({Name}Row{load} * (long){stride}) + {Name}K) * {tile.ElementBytes};");
            }

            return;
        }

        var inLine = tile.IsRagged ? $"{Name}Element" : $"({Name}Chunk * 8)";
        writer.Line(tile.IsDeep
            ? $"int {Name}Row = {From(corner)}{Name}Line, {Name}K = {From(first)}{inLine};"
            : $"int {Name}Row = {From(corner)}{inLine}, {Name}K = {From(first)}{Name}Line;");
        var (line, column) = tile.IsDeep ? ("Row", "K") : ("K", "Row");
        writer.Line($"long {Name}From = ({place} + ({Name}{line} * (long){stride}) + {Name}{column}) * {tile.ElementBytes}, {Name}Apart = {stride} * {tile.Apart * tile.ElementBytes}L;");
    }

    /// <summary>Begins to load the next tile.</summary>
    /// <param name="writer">Gets the text.</param>
    /// <param name="stage">Expression of the stage's place.</param>
    public void Begin(CodeWriter writer, string stage)
    {
        if (tile.IsRagged)
        {
            Elements(writer);
        }
        else if (tile.Loaders < tile.Threads)
        {
            using (writer.Block($"if (thread < {tile.Loaders})"))
            {
                Chunks(writer, stage);
            }
        }
        else
        {
            Chunks(writer, stage);
        }

        for (var load = 0; load < (hasPairs ? tile.Loads : 1); load++)
        {
            writer.Line(tile.IsDeep
                ? $"{Name}From{(hasPairs ? $"{load}" : "")} += {tile.Depth * tile.ElementBytes};"
                : $"{Name}From += {stride} * {tile.Depth * tile.ElementBytes}L;");
        }

        writer.Line($"{Name}K += {tile.Depth};");
    }

    /// <summary>From behind a sample's last step to the next sample's first.</summary>
    /// <param name="writer">Gets the text.</param>
    /// <param name="sample">Expression of the elements from one sample to the next.</param>
    /// <param name="steps">Of a sample's steps.</param>
    public void NextSample(CodeWriter writer, string sample, string steps)
    {
        writer.Line($"{Name}From += ({sample} - ({steps} * {(tile.IsDeep ? "" : $"(long){stride} * ")}{tile.Depth}L)) * {tile.ElementBytes};");
        writer.Line($"{Name}K -= {steps} * {tile.Depth};");
    }

    /// <summary>Rounds what came to registers and stores it.</summary>
    public void End(CodeWriter writer, string stage)
    {
        if (tile.IsRagged)
        {
            EndElements(writer, stage);
            return;
        }

        for (var load = 0; HasEnd && load < tile.Loads; load++)
        {
            // The first source of a conversion becomes the upper half.
            var held = Held(load).ToArray();
            var rounded = Enumerable.Range(0, 4).Select(i => $"cvt.rn.bf16x2.f32 pair{i}, {held[(2 * i) + 1]}, {held[2 * i]};");
            writer.Line($"Asm.Emit(\"{{ .reg .b32 pair<4>; .reg .u32 to; {string.Join(" ", rounded)} \"");
            writer.Line($"    + \"add.u32 to, tile, %0; st.shared.v4.b32 [to], {{pair0,pair1,pair2,pair3}}; }}\", {To(stage, load)});");
        }
    }

    /// <summary>Loads or copies chunks.</summary>
    private void Chunks(CodeWriter writer, string stage)
    {
        for (var load = 0; load < tile.Loads; load++)
        {
            var from = hasPairs ? $"{Name}From{load}" : load switch { 0 => $"{Name}From", 1 => $"{Name}From + {Name}Apart", _ => $"{Name}From + ({load} * {Name}Apart)" };
            var (row, k) = hasPairs ? ($"{Name}Row{load}", $"{Name}K") : tile.IsDeep ? (Plus($"{Name}Row", load * tile.Apart), $"{Name}K") : ($"{Name}Row", Plus($"{Name}K", load * tile.Apart));
            var bounds = $"{k}, {summed}, {row}, {extent}";
            if (tile.IsCopied)
            {
                writer.Line($"Asm.Emit(Copy, {To(stage, load)}, {from}, {bounds});");
                continue;
            }

            writer.Line("Asm.Emit(\"{ .reg .pred in; .reg .u64 from; setp.lt.s32 in, %1, %2; setp.lt.and.s32 in, %3, %4, in; add.u64 from, memory, %0; \"");
            for (var half = 0; half < 2; half++)
            {
                writer.Line($"    + \"{string.Join(" ", Held(load).Skip(half * 4).Take(4).Select(held => $"mov.f32 {held}, 0f00000000;"))} \"");
            }

            writer.Line($"    + \"@in ld.global.v4.f32 {{{string.Join(",", Held(load).Take(4))}}}, [from]; @in ld.global.v4.f32 {{{string.Join(",", Held(load).Skip(4))}}}, [from+16]; }}\", {from}, {bounds});");
        }
    }

    /// <summary>Loads one element of each of this thread's lines, so that a warp reads along a line.</summary>
    private void Elements(CodeWriter writer)
    {
        var (line, inLine) = tile.IsDeep ? ($"{Name}Row, {extent}", $"{Name}K, {summed}") : ($"{Name}K, {summed}", $"{Name}Row, {extent}");
        writer.Line("Asm.Emit(\"{ .reg .pred before, in; .reg .s32 lines; .reg .u64 from; sub.s32 lines, %3, %2; setp.lt.s32 before, %4, %5; add.u64 from, memory, %0; \"");
        for (var load = 0; load < tile.Loads; load++)
        {
            var next = load + 1 < tile.Loads ? "add.u64 from, from, %1; \"" : $"}}\", {Name}From, {Name}Apart, {line}, {inLine});";
            writer.Line($"    + \"mov.f32 {Name}Held{load}, 0f00000000; setp.gt.and.s32 in, lines, {load * tile.Apart}, before; @in ld.global.f32 {Name}Held{load}, [from]; {next}");
        }
    }

    /// <summary>Rounds and stores them, those together whose places differ by constants.</summary>
    private void EndElements(CodeWriter writer, string stage)
    {
        foreach (var loads in Enumerable.Range(0, tile.Loads).GroupBy(tile.Turned))
        {
            var to = loads.Key == 0 ? $"{Name}To" : $"({Name}To ^ {loads.Key})";
            writer.Line("Asm.Emit(\"{ .reg .b16 rounded; .reg .u32 to; add.u32 to, tile, %0; \"");
            foreach (var load in loads)
            {
                writer.Line($"    + \"cvt.rn.bf16.f32 rounded, {Name}Held{load}; st.shared.b16 [{Plus("to", tile.Offset(load)).Replace(" ", "")}], rounded; \"");
            }

            writer.Line($"    + \"}}\", {(stage == "0" ? to : $"{stage} + {to}")});");
        }
    }

    private IEnumerable<string> Held(int load) => Enumerable.Range(load * 8, 8).Select(i => $"{Name}Held{i}");

    private static string From(string start) => start == "0" ? "" : $"{start} + ";

    private string To(string stage, int load) => Plus(stage == "0" ? $"{Name}To" : $"{stage} + {Name}To", tile.Offset(load));

    private static string Plus(string expression, int more) => more == 0 ? expression : $"{expression} + {more}";
}
