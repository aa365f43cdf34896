using System.Globalization;
using System.Text.Json;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>The numbers of an evaluation: printed as lines, and written as <c>evaluation.json</c>.</summary>
internal sealed class Report
{
    private readonly List<(string Label, string Text, Action<Utf8JsonWriter> Write)> entries = [];

    public void Add(string key, string label, string text) => entries.Add((label, text, json => json.WriteString(key, text)));

    public void Add(string key, string label, double value, string format) =>
        entries.Add((label, value.ToString(format, CultureInfo.InvariantCulture), json => json.WriteNumber(key, value)));

    /// <summary>A share with its 95 % Wilson interval.</summary>
    public void Add(string key, string label, Share share)
    {
        var interval = share.Interval95;
        var text = string.Create(CultureInfo.InvariantCulture, $"{100 * share.Value:0.00} % ({100 * interval.Low:0.00} to {100 * interval.High:0.00}) of {share.Trials:N0}");
        entries.Add((label, text, json =>
        {
            json.WriteStartObject(key);
            json.WriteNumber("value", share.Value);
            json.WriteNumber("low", interval.Low);
            json.WriteNumber("high", interval.High);
            json.WriteNumber("trials", share.Trials);
            json.WriteEndObject();
        }));
    }

    public void Print(TextWriter output)
    {
        var width = entries.Max(entry => entry.Label.Length);
        foreach (var (label, text, _) in entries)
        {
            output.WriteLine($"{label.PadRight(width)}  {text}");
        }
    }

    public void Write(string path) => WholeFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        foreach (var (_, _, write) in entries)
        {
            write(json);
        }

        json.WriteEndObject();
    });
}
