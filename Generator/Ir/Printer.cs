using Graph.Generator.Dims;

namespace Graph.Generator.Ir;

/// <summary>The graph as text, one line per instruction: for the head of emitted files, for <c>samples/Inspect</c> and for reading in a test.</summary>
internal static class Printer
{
    public static IEnumerable<string> Print(ModelGraph graph)
    {
        foreach (var phase in graph.Phases)
        {
            var loops = phase.Loops.Count == 0 ? "" : $" in {string.Join("/", phase.Loops.Select(l => $"{l.Name} (x {l.Count}{(l.Gradient.Length == 0 ? "" : $", gradient in the last {l.Gradient}")})"))}";
            yield return $"phase {phase.Name}{loops}";
            foreach (var instr in phase.Forward)
            {
                var written = instr.Writes[0].Value;
                var operands = string.Join(", ", instr.Reads.Select(r => r.Value.Name).Concat(instr.Parameters.Values.Select(p => p.Name)));
                var keep = string.Join(" ", instr.Writes.Where(w => phase.Saved.Contains(w.Value)).Select(w => w.Value == written ? "kept" : "keeps " + w.Value.ShortName));
                yield return $"  {written.Name,-36} {instr.Operator?.Name ?? instr.Kind.ToString(),-22} {string.Join(" ", written.Shape),-24} {keep,-14} ({operands})";
            }
        }
    }

    /// <summary>
    /// Floating-point operations of one forward execution per sample, as C#: contractions exactly, other operators by their declared
    /// cost. Of forms separated by <c>|</c> the cheaper one counts, so that a faster form never reads as more work done.
    /// </summary>
    public static string Flops(Instr instr, Func<string, string> name)
    {
        if (instr.Kind == InstrKind.MatMul)
        {
            var weight = instr.Parameters.Values.First();
            var y = instr.Write("y");
            return (DimExpr.Constant(2) * weight.Count * (instr.TokenAxis ? y.Width : y.Length)).ToCSharp(name);
        }

        var known = new Dictionary<string, DimExpr>(instr.Bindings) { ["b"] = DimExpr.Constant(1) };
        var forms = (instr.Operator?.Flops ?? "").Split('|')
            .Select(text => DimParser.Parse(text.Trim(), out var cost, out _) ? cost : DimExpr.Constant(0))
            .Select(cost => (instr.Operator!.Archetype == Specs.Archetype.Tile ? cost.Substitute(known) : cost * instr.Writes[0].Value.PerSample).ToCSharp(name))
            .ToList();
        return forms.Count == 2 ? $"global::System.Math.Min({forms[0]}, {forms[1]})" : forms[0];
    }
}
