using System.Globalization;

namespace Graph.Samples.Commands;

/// <summary>One setting of a training run, on the command line and in a configuration file.</summary>
/// <param name="Name">As in the file, in snake_case.</param>
/// <param name="Kind">Of its value.</param>
/// <param name="Default">Unless the benchmark has another.</param>
/// <param name="Description">For help.</param>
/// <param name="Least">Of a number.</param>
/// <param name="Most">Of a number.</param>
/// <param name="Choices">Of a text; null: any.</param>
internal sealed record Setting(string Name, SettingKind Kind, string Default, string Description, double Least = 0, double Most = 0, IReadOnlyList<string>? Choices = null)
{
    public string Flag => "--" + Name.Replace('_', '-');

    /// <summary>The value in its one written form.</summary>
    /// <param name="text">As given.</param>
    /// <param name="source">What a message begins with.</param>
    /// <exception cref="GraphException">Not a value of this setting.</exception>
    public string Check(string text, string source)
    {
        switch (Kind)
        {
            case SettingKind.Whole when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && whole >= Least && whole <= Most:
                return whole.ToString(CultureInfo.InvariantCulture);
            case SettingKind.Number when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= Least && number <= Most:
                return number.ToString("R", CultureInfo.InvariantCulture);
            case SettingKind.Text when Choices is null || Choices.Contains(text):
                return text;
            default:
                var expected = Kind == SettingKind.Text ? $"one of {string.Join(", ", Choices!.Where(choice => choice.Length > 0))}" : string.Create(CultureInfo.InvariantCulture, $"a {(Kind == SettingKind.Whole ? "whole " : "")}number from {Least} to {Most}");
                throw new GraphException($"{source}: expected {expected}, found '{text}'.");
        }
    }
}
