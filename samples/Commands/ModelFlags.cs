using System.CommandLine;
using Graph.Models;

namespace Graph.Samples.Commands;

/// <summary>The options that name a model whose file does not.</summary>
internal static class ModelFlags
{
    public static Option<string?> Model() => Choice("--model", "Architecture, where the checkpoint does not say it.", ShippedModels.Names);

    public static Option<string?> Size() => Choice("--size", "Size of the model, where the checkpoint does not say it.", ShippedModels.Sizes);

    private static Option<string?> Choice(string name, string description, IReadOnlyList<string> choices)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = string.Join('|', choices) };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !choices.Contains(token.Value))
            {
                result.AddError($"{name} {token.Value}: expected one of {string.Join(", ", choices)}.");
            }
        });
        return option;
    }
}
