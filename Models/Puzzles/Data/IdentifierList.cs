using System.Text;
using System.Text.Json;
using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>The content of <c>identifiers.json</c>: the name of each puzzle identifier, in order.</summary>
public static class IdentifierList
{
    /// <summary>Its name in a data set's folder.</summary>
    public const string FileName = "identifiers.json";

    /// <summary>The name of an identifier that no puzzle has.</summary>
    public const string Blank = "<blank>";

    /// <exception cref="GraphException">The file cannot be read or is no list of strings.</exception>
    public static List<string> Open(string path) => Parse(path, InputFile.Bytes(path));

    /// <summary>Reads from memory.</summary>
    /// <exception cref="GraphException">Not a list of strings.</exception>
    public static List<string> Parse(string file, ReadOnlySpan<byte> json) => InputFile.Json(file, json, (ref Utf8JsonReader reader) =>
    {
        var names = new List<string>();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new GraphException($"{file}: content, expected a list of names, found {InputFile.Found(ref reader)}");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            names.Add(reader.TokenType == JsonTokenType.String
                ? reader.GetString()!
                : throw new GraphException($"{file}: name {names.Count}, expected a string, found {InputFile.Found(ref reader)}"));
        }

        return names;
    });

    /// <exception cref="GraphException">The file cannot be written.</exception>
    public static void Save(string path, IEnumerable<string> names) => WholeFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, Encoding.ASCII, leaveOpen: true);
        writer.Write('[');
        var between = "";
        foreach (var name in names)
        {
            writer.Write(between);
            writer.Write(PythonJson.String(name));
            between = ", ";
        }

        writer.Write(']');
    });
}
