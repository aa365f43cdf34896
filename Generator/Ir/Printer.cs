using Graph.Generator.Dims;

namespace Graph.Generator.Ir;

/// <summary>The graph as text, one line per instruction: for the head of emitted files, for <c>samples/Inspect</c> and for reading in a test.</summary>
internal static class Printer
{
    public static IEnumerable<string> Print(ModelGraph graph)
    {
        foreach (var phase in graph.Phases)
        {
            var loops = phase.Loops.Count == 0 ? "" : $" in {string.Join("/", phase.Loops.Select(l => $"{l.Name} (x {l.Count})"))}";
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

    /// <summary>Floating-point operations of one forward execution per sample: contractions exactly; the other operators by their declared cost.</summary>
    public static DimExpr Flops(Instr instr)
    {
        if (instr.Kind == InstrKind.MatMul)
        {
            var weight = instr.Parameters.Values.First();
            var y = instr.Write("y");
            return DimExpr.Constant(2) * weight.Count * (instr.TokenAxis ? y.Width : y.Length);
        }

        if (instr.Operator is { Flops.Length: > 0 } op && DimParser.Parse(op.Flops, out var cost, out _))
        {
            var known = new Dictionary<string, DimExpr>(instr.Bindings) { ["b"] = DimExpr.Constant(1) };
            return op.Archetype == Specs.Archetype.Tile ? cost.Substitute(known) : cost.IsConstant ? cost * instr.Writes[0].Value.PerSample : DimExpr.Constant(0);
        }

        return DimExpr.Constant(0);
    }
}
