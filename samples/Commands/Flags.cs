using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Graph.Samples.Commands;

/// <summary>Options whose bad values end with one sentence.</summary>
internal static class Flags
{
    public static Option<string> Text(string name, string description) => new(name) { Description = description, Required = true };

    public static Option<string?> OptionalText(string name, string description) => new(name) { Description = description };

    public static Option<T> Number<T>(string name, string description, T value, T least, T most)
        where T : struct, INumber<T>
    {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => value };
        option.CustomParser = result => Parse(result, name, least, most) ?? value;
        return option;
    }

    /// <summary>Null where the option is not given.</summary>
    public static Option<T?> OptionalNumber<T>(string name, string description, T least, T most)
        where T : struct, INumber<T>
    {
        var option = new Option<T?>(name) { Description = description };
        option.CustomParser = result => Parse(result, name, least, most);
        return option;
    }

    private static T? Parse<T>(System.CommandLine.Parsing.ArgumentResult result, string name, T least, T most)
        where T : struct, INumber<T>
    {
        var text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        result.AddError($"{name} {text}: expected a number from {least} to {most}.");
        return null;
    }
}
