using System.Text.Json;
using System.Text.Json.Serialization;

namespace Graph.Samples.Sudoku;

/// <summary>Names in snake_case, written without reflection.</summary>
[JsonSerializable(typeof(Summary))]
internal sealed partial class SummaryJson : JsonSerializerContext
{
    public static SummaryJson Pretty { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
    });
}
