using System.Text;
using System.Text.Json;

namespace Graph.Models.Puzzles;

/// <summary>Files that a user gives: what goes wrong with one becomes one sentence that names it.</summary>
internal static class InputFile
{
    public delegate T JsonReading<T>(ref Utf8JsonReader reader);

    /// <exception cref="GraphException">The file cannot be read.</exception>
    public static byte[] Bytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GraphException($"{path}: cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads one JSON value; <paramref name="read"/> starts on its first token and ends on its last.</summary>
    /// <exception cref="GraphException">Not valid JSON, or text after the value.</exception>
    public static T Json<T>(string file, ReadOnlySpan<byte> json, JsonReading<T> read)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            var value = read(ref reader);

            // Throws for anything but white space.
            reader.Read();
            return value;
        }
        catch (JsonException e)
        {
            throw new GraphException($"{file}: content, expected valid JSON: {e.Message}");
        }
        catch (InvalidOperationException e)
        {
            // Utf8JsonReader reports strings that are not valid Unicode this way.
            throw new GraphException($"{file}: content, expected text in UTF-8: {e.Message}");
        }
    }

    /// <summary>The lines of a text held in memory, without their ends.</summary>
    public static IEnumerable<string> Lines(ReadOnlyMemory<byte> text)
    {
        using var reader = new StreamReader(new MemoryStream(text.ToArray()), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    /// <summary>At most 40 characters of what was found, for a message.</summary>
    public static string Short(string text) => text.Length <= 40 ? text : text[..40] + "...";

    /// <summary>What the reader stands on, for a message.</summary>
    public static string Found(ref Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.Number or JsonTokenType.String ? $"'{Short(Encoding.UTF8.GetString(reader.ValueSpan))}'" : reader.TokenType.ToString();
}
