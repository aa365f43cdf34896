using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ILGPU.Backends;
using ILGPU.IR.Transformations;

namespace Graph.Execution.Ilgpu;

/// <summary>
/// O2 without the pass that miscompiles: CodePlacement sinks loads below barriers and stores (reference/ilgpu.md 0.1, ILGPU 1.5.3). No
/// kernel of ours is ever compiled with it.
/// </summary>
internal static class SafeBackend
{
    /// <summary>Removes the pass from a backend before its first kernel.</summary>
    /// <exception cref="InvalidOperationException">Not exactly one such pass: another version of ILGPU, to be looked at before it is used.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Devices need a JIT; the CPU path never comes here.")]
    public static void Patch(Backend backend)
    {
        var property = typeof(Backend).GetProperty("KernelTransformers", BindingFlags.Instance | BindingFlags.NonPublic)
            ?? throw new InvalidOperationException("ILGPU's Backend has no KernelTransformers: this is not version 1.5.3.");
        var transformers = (ImmutableArray<Transformer>)property.GetValue(backend)!;
        var removed = 0;
        var safe = transformers.Select(transformer =>
        {
            var kept = transformer.Transformations.Where(pass => pass is not CodePlacement).ToImmutableArray();
            removed += transformer.Transformations.Length - kept.Length;
            return Transformer.Create(transformer.Configuration, kept);
        }).ToImmutableArray();
        if (removed != 1)
        {
            throw new InvalidOperationException($"ILGPU's optimiser has {removed} CodePlacement passes, expected one: this is not version 1.5.3.");
        }

        property.GetSetMethod(nonPublic: true)!.Invoke(backend, [safe]);
    }
}
