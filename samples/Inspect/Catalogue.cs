using Graph.Execution;
using Graph.Models;

namespace Graph.Inspect;

/// <summary>Checks what the command line says against the shipped models.</summary>
internal static class Catalogue
{
    public static string ModelNames => string.Join(", ", ShippedModels.Names);

    /// <param name="model">One of <see cref="ModelNames"/>.</param>
    /// <param name="size">Of the model.</param>
    /// <param name="batch">Samples a step.</param>
    /// <param name="device">Where it would run.</param>
    /// <exception cref="GraphException">No such model or size.</exception>
    public static CompiledProgram Create(string model, string size, int batch, Device device) => (CompiledProgram)ShippedModels.Create(
        OneOf("--model", model, ShippedModels.Names),
        OneOf("--size", size, ShippedModels.Sizes),
        batch,
        device: device);

    private static string OneOf(string option, string value, IReadOnlyList<string> choices) =>
        choices.FirstOrDefault(c => c.Equals(value, StringComparison.OrdinalIgnoreCase))
        ?? throw new GraphException($"{option} {value}: expected one of {string.Join(", ", choices)}.");
}
