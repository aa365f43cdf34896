using Graph.Generator.Specs;

namespace Graph.Generator.Tests;

/// <summary>What the reader makes of a source.</summary>
internal static class Specs
{
    /// <summary>The models that ship, by name.</summary>
    public static IReadOnlyDictionary<string, ModelSpec> Shipped { get; } = Read([.. Repository.Sources("Models").Where(p => p.Count(c => c == '/') == 1).Select(Repository.Read)])
        .ToDictionary(m => m.Name);

    public static ModelSpec Of(string source) => Read([source]).Single();

    private static IEnumerable<ModelSpec> Read(string[] sources) =>
        GeneratorRun.Of(sources).Result.TrackedSteps[StepNames.Read].SelectMany(s => s.Outputs).Select(o => (ModelSpec)o.Value);
}
