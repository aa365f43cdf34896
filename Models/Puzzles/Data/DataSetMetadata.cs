using System.Globalization;
using System.Text;
using System.Text.Json;
using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>The content of a split's <c>dataset.json</c>, as TRM writes it.</summary>
/// <param name="PadId">Token of cells outside the puzzle.</param>
/// <param name="IgnoreLabelId">Label that is no target; null: every cell is one.</param>
/// <param name="BlankIdentifierId">Puzzle identifier that means none.</param>
/// <param name="VocabSize">Number of tokens.</param>
/// <param name="SeqLen">Tokens an example.</param>
/// <param name="NumPuzzleIdentifiers">Number of identifiers, the blank included.</param>
/// <param name="TotalGroups">Original puzzles.</param>
/// <param name="MeanPuzzleExamples">Examples a puzzle.</param>
/// <param name="TotalPuzzles">Puzzles (of Sudoku and Maze: groups, as TRM writes it); null: HRM's format, which does not say.</param>
/// <param name="Sets">Names of the sets, the first part of the names of their files.</param>
public sealed record DataSetMetadata(
    int PadId,
    int? IgnoreLabelId,
    int BlankIdentifierId,
    int VocabSize,
    int SeqLen,
    int NumPuzzleIdentifiers,
    int TotalGroups,
    double MeanPuzzleExamples,
    int? TotalPuzzles,
    IReadOnlyList<string> Sets)
{
    /// <summary>Its name in a split's folder.</summary>
    public const string FileName = "dataset.json";

    // Far above every data set there is, and low enough that products of two sizes fit 64 bits.
    private const int MostTokens = 1 << 20;

    /// <summary>Optimiser steps of a run, as TRM counts them.</summary>
    /// <param name="epochs">Passes over the groups.</param>
    /// <param name="globalBatch">Examples a step, over all ranks.</param>
    public long TotalSteps(int epochs, int globalBatch) => (long)(epochs * (double)TotalGroups * MeanPuzzleExamples / globalBatch);

    /// <summary>Reads a file.</summary>
    /// <exception cref="GraphException">The file cannot be read or a field is not what is expected.</exception>
    public static DataSetMetadata Open(string path) => Parse(path, InputFile.Bytes(path));

    /// <summary>Reads from memory; fields that are not known are passed over.</summary>
    /// <param name="file">Name for messages.</param>
    /// <param name="json">The content.</param>
    /// <exception cref="GraphException">A field is not what is expected: <c>file: field, expected ...</c>.</exception>
    public static DataSetMetadata Parse(string file, ReadOnlySpan<byte> json) =>
        InputFile.Json(file, json, (ref Utf8JsonReader reader) => Parse(file, ref reader));

    /// <summary>Writes a file, byte for byte as TRM's builder does.</summary>
    /// <exception cref="GraphException">The file cannot be written.</exception>
    public void Save(string path) => WholeFile.Write(path, stream => stream.Write(Encoding.ASCII.GetBytes(ToJson())));

    internal string ToJson() => string.Create(CultureInfo.InvariantCulture, $$"""
        {"pad_id": {{PadId}}, "ignore_label_id": {{IgnoreLabelId?.ToString(CultureInfo.InvariantCulture) ?? "null"}}, "blank_identifier_id": {{BlankIdentifierId}}, "vocab_size": {{VocabSize}}, "seq_len": {{SeqLen}}, "num_puzzle_identifiers": {{NumPuzzleIdentifiers}}, "total_groups": {{TotalGroups}}, "mean_puzzle_examples": {{PythonJson.Float(MeanPuzzleExamples)}}, "total_puzzles": {{TotalPuzzles?.ToString(CultureInfo.InvariantCulture) ?? "null"}}, "sets": {{PythonJson.List(Sets.Select(PythonJson.String))}}}
        """);

    private static DataSetMetadata Parse(string file, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new GraphException($"{file}: content, expected an object, found {InputFile.Found(ref reader)}");
        }

        var numbers = new Dictionary<string, int?>(StringComparer.Ordinal);
        double? mean = null;
        List<string>? sets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "pad_id" or "ignore_label_id" or "blank_identifier_id" or "vocab_size" or "seq_len" or "num_puzzle_identifiers" or "total_groups" or "total_puzzles":
                    if (!numbers.TryAdd(name, Number(file, name, ref reader)))
                    {
                        throw Bad(file, name, "one value, found two");
                    }

                    break;
                case "mean_puzzle_examples":
                    mean = reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && double.IsFinite(value) && value >= 0 && mean is null
                        ? value
                        : throw Bad(file, name, $"one number of 0 or more, found {InputFile.Found(ref reader)}");
                    break;
                case "sets":
                    sets = sets is null ? Names(file, ref reader) : throw Bad(file, name, "one list, found two");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        var vocabulary = Between(file, numbers, "vocab_size", 1, MostTokens);
        var identifiers = Between(file, numbers, "num_puzzle_identifiers", 1, int.MaxValue);
        return new DataSetMetadata(
            Between(file, numbers, "pad_id", 0, vocabulary - 1),
            numbers.TryGetValue("ignore_label_id", out var ignored) ? ignored : throw Bad(file, "ignore_label_id", "a whole number or null, found nothing"),
            Between(file, numbers, "blank_identifier_id", 0, identifiers - 1),
            vocabulary,
            Between(file, numbers, "seq_len", 1, MostTokens),
            identifiers,
            Between(file, numbers, "total_groups", 0, int.MaxValue),
            mean ?? throw Bad(file, "mean_puzzle_examples", "a number of 0 or more, found nothing"),
            numbers.GetValueOrDefault("total_puzzles") is null ? null : Between(file, numbers, "total_puzzles", 0, int.MaxValue),
            sets ?? throw Bad(file, "sets", "a list of names, found nothing"));
    }

    private static int? Number(string file, string name, ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.Number when reader.TryGetInt32(out var value) => value,
        _ => throw Bad(file, name, $"a whole number of 32 bits, found {InputFile.Found(ref reader)}"),
    };

    private static int Between(string file, Dictionary<string, int?> numbers, string name, int low, int high) =>
        numbers.GetValueOrDefault(name) is { } value && value >= low && value <= high
            ? value
            : throw Bad(file, name, $"a whole number {low} to {high}, found {numbers.GetValueOrDefault(name)?.ToString(CultureInfo.InvariantCulture) ?? "nothing"}");

    private static List<string> Names(string file, ref Utf8JsonReader reader)
    {
        var names = new List<string>();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Bad(file, "sets", $"a list of names, found {InputFile.Found(ref reader)}");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // The name becomes part of a path: nothing in it may lead elsewhere.
            var name = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
            if (name.Length is 0 or > 64 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-')) || names.Contains(name))
            {
                throw Bad(file, "sets", $"different names of letters, digits, _ and -, found {InputFile.Found(ref reader)}");
            }

            names.Add(name);
        }

        return names.Count > 0 ? names : throw Bad(file, "sets", "at least one name");
    }

    private static GraphException Bad(string file, string field, string expected) => new($"{file}: {field}, expected {expected}");
}
