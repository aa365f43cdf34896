using System.Text.Json;

namespace Graph.Training;

/// <summary>
/// Parses the JSON header of a safetensors file. The file may come from anywhere, so every field is checked before it is used;
/// the reader itself (<see cref="Utf8JsonReader"/>) refuses malformed UTF-8, malformed JSON and nesting deeper than it allows.
/// </summary>
internal sealed class SafetensorsHeader
{
    private readonly string _file;
    private readonly long _dataLength;

    private SafetensorsHeader(string file, long dataLength)
    {
        _file = file;
        _dataLength = dataLength;
    }

    public Dictionary<string, TensorEntry> Tensors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public static SafetensorsHeader Parse(string file, ReadOnlySpan<byte> json, long dataLength)
    {
        var header = new SafetensorsHeader(file, dataLength);
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw header.Bad("the header must start with '{'");
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            header.ParseTop(ref reader);
        }
        catch (JsonException e)
        {
            throw header.Bad($"the header is not valid JSON ({e.Message})");
        }
        catch (InvalidOperationException e)
        {
            // Utf8JsonReader reports strings that are not valid Unicode this way.
            throw header.Bad($"the header holds text that is not valid UTF-8 ({e.Message})");
        }

        header.CheckCoverage();
        return header;
    }

    private void ParseTop(ref Utf8JsonReader reader)
    {
        reader.Read();
        bool metadataSeen = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == "__metadata__")
            {
                if (metadataSeen)
                {
                    throw Bad("'__metadata__' is given twice");
                }

                metadataSeen = true;
                ParseMetadata(ref reader);
            }
            else if (!Tensors.TryAdd(name, ParseTensor(ref reader, name)))
            {
                throw Bad($"tensor '{name}' is given twice");
            }
        }

        // Utf8JsonReader throws for anything but white space after the closing brace.
        reader.Read();
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Bad("'__metadata__' must be an object of strings");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw Bad($"'__metadata__' field '{key}' must be a string");
            }

            if (!Metadata.TryAdd(key, reader.GetString()!))
            {
                throw Bad($"'__metadata__' field '{key}' is given twice");
            }
        }
    }

    private TensorEntry ParseTensor(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Bad(name, "must be an object with dtype, shape and data_offsets");
        }

        TensorType? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            reader.Read();
            switch (field)
            {
                case "dtype" when type is null:
                    type = ParseType(ref reader, name);
                    break;
                case "shape" when shape is null:
                    shape = ParseNumbers(ref reader, name, field);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ParseNumbers(ref reader, name, field);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Bad(name, $"field '{field}' is given twice");
                default:
                    throw Bad(name, $"field '{field}' is unknown; expected dtype, shape, data_offsets");
            }
        }

        if (type is null || shape is null || offsets is null)
        {
            string missing = type is null ? "dtype" : shape is null ? "shape" : "data_offsets";
            throw Bad(name, $"field '{missing}' is missing");
        }

        return Check(name, type.Value, shape, offsets);
    }

    private TensorType ParseType(ref Utf8JsonReader reader, string name)
    {
        string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return (text is null ? null : TensorTypes.Parse(text))
            ?? throw Bad(name, $"field 'dtype' is {text ?? "not a string"}; expected one of F32, F64, BF16, I32, I64, U8, BOOL");
    }

    private List<long> ParseNumbers(ref Utf8JsonReader reader, string name, string field)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Bad(name, $"field '{field}' must be an array of whole numbers");
        }

        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw Bad(name, $"field '{field}' must hold whole numbers from 0 to 2^63 - 1");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private TensorEntry Check(string name, TensorType type, List<long> shape, List<long> offsets)
    {
        if (offsets.Count != 2)
        {
            throw Bad(name, $"field 'data_offsets' has {offsets.Count} numbers; expected 2");
        }

        long begin = offsets[0], end = offsets[1];
        if (begin > end || end > _dataLength)
        {
            throw Bad(name, $"field 'data_offsets' is [{begin}, {end}]; expected a range inside the {_dataLength} data bytes");
        }

        var entry = new TensorEntry(name, type, shape, begin, end);
        UInt128 bytes = (UInt128)TensorTypes.Size(type);
        foreach (long dim in shape)
        {
            // A zero dim makes the product zero whatever the others are, so only the running product can grow too large.
            bytes *= (UInt128)dim;
            if (bytes > long.MaxValue)
            {
                throw Bad(name, $"field 'shape' is {entry.ShapeText}, whose byte count overflows 63 bits");
            }
        }

        if (bytes != (UInt128)(end - begin))
        {
            throw Bad(name, $"field 'data_offsets' spans {end - begin} bytes; shape {entry.ShapeText} of {TensorTypes.Name(type)} needs {bytes}");
        }

        return entry;
    }

    /// <summary>The ranges must tile the data exactly: an overlap aliases two tensors, a hole or a tail can hide anything.</summary>
    private void CheckCoverage()
    {
        long position = 0;
        foreach (TensorEntry entry in Tensors.Values.OrderBy(t => t.Begin).ThenBy(t => t.End))
        {
            if (entry.Begin != position)
            {
                throw Bad(entry.Name, $"field 'data_offsets' starts at {entry.Begin}, expected {position}: {(entry.Begin < position ? "it overlaps another tensor" : "there is a hole before it")}");
            }

            position = entry.End;
        }

        if (position != _dataLength)
        {
            throw Bad($"{_dataLength - position} bytes follow the last tensor; expected none");
        }
    }

    private GraphException Bad(string tensor, string what) => Bad($"tensor '{tensor}': {what}");

    private GraphException Bad(string what) => new($"{_file} is not a valid safetensors file: {what}.");
}
