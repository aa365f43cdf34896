using Graph.Generator.Ir;
using Graph.Generator.Passes;
using Graph.Generator.Specs;

namespace Graph.Generator.Emit;

/// <summary>An emitted row kernel: its name and what a call passes.</summary>
/// <param name="Name">Class name.</param>
/// <param name="Arguments">Values by pointer, in the order of the method's parameters.</param>
/// <param name="Weights">Broadcast parameters, after the values.</param>
/// <param name="Partial">Partial sums of a parameter's gradient, last; or null.</param>
internal sealed record EmittedKernel(string Name, IReadOnlyList<Value> Arguments, IReadOnlyList<ParameterValue> Weights, Value? Partial);

/// <summary>
/// Fused row instructions as one readable loop nest over a lane type. Kernels that do the same are one kernel, whatever layer,
/// block or loop they serve; they are named after the user's nodes that needed them first.
/// </summary>
internal sealed class KernelEmitter(ModelSpec spec)
{
    private readonly Dictionary<string, string> byStructure = [];

    /// <summary>Kernels are nested in the user's class: its own members come first.</summary>
    private readonly HashSet<string> taken = [spec.Name, "Program", "MemoryPlan", "IDims", .. spec.Sizes.Select(s => s.Name), .. spec.Nodes.Select(n => n.Name)];

    /// <summary>In order of first use.</summary>
    public List<(string Block, bool Backward, string Name, string Text)> Kernels { get; } = [];

    public EmittedKernel Emit(FusedKernel kernel, Section section, bool columns, HashSet<Value> saved)
    {
        var (structure, arguments, weights, partial) = new KernelText(kernel, section, columns, saved, canonical: true).Write();
        if (!byStructure.TryGetValue(structure, out var name))
        {
            var last = kernel.Instrs[kernel.Instrs.Count - 1];
            var named = kernel.Instrs.LastOrDefault(i => i.Kind is not (InstrKind.Copy or InstrKind.Accumulate or InstrKind.Sum)) ?? last;
            var backward = section.Mode == "Backward";
            var suffix = backward ? "Backward" : "";
            var candidates = new[]
            {
                Identifier.Pascal(named.Label) + suffix,
                Identifier.Pascal(named.Block) + Identifier.Pascal(named.Label) + suffix,
                Identifier.Pascal(named.Path) + suffix,
                Identifier.Pascal(last.Path) + section.Phase.Name + suffix,
                Identifier.Pascal(kernel.Instrs[0].Path) + Identifier.Pascal(last.Path) + section.Phase.Name + section.Mode,
            };
            name = candidates.Concat(Enumerable.Range(2, int.MaxValue - 2).Select(n => candidates[candidates.Length - 1] + n)).First(c => !taken.Contains(c));
            taken.Add(name);
            byStructure[structure] = name;
            var text = new KernelText(kernel, section, columns, saved, canonical: false).Write().Body;
            Kernels.Add((named.Block, backward, name, text.Replace("@@name@@", name)));
        }

        return new EmittedKernel(name, arguments, weights, partial);
    }
}
