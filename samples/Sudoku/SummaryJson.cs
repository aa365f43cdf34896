using System.Text.Json;
using System.Text.Json.Serialization;

namespace Graph.Samples.Sudoku;

/// <summary>Names in snake_case, written without reflection.</summary>
[JsonSerializable(typeof(Summary))]
[JsonSerializable(typeof(Progress))]
[JsonSerializable(typeof(Options), TypeInfoPropertyName = "RunOptions")]
internal sealed partial class SummaryJson : JsonSerializerContext
{
    private static readonly JsonSerializerOptions Snake = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static SummaryJson Line { get; } = new(new JsonSerializerOptions(Snake));

    public static SummaryJson Pretty { get; } = new(new JsonSerializerOptions(Snake) { WriteIndented = true });
}
