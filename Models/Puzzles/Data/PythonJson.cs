using System.Globalization;
using System.Text;

namespace Graph.Models.Puzzles;

/// <summary>Writes JSON as Python's <c>json.dump</c> does by default, so that rebuilt data sets equal TRM's byte for byte.</summary>
/// <remarks>", " and ": " between items, ASCII only, a fraction for every float.</remarks>
internal static class PythonJson
{
    public static string String(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => json.Append('\\').Append(c),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                < ' ' or > '~' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        return json.Append('"').ToString();
    }

    public static string Float(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }

    public static string List(IEnumerable<string> items) => $"[{string.Join(", ", items)}]";
}
