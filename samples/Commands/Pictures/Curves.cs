using System.Globalization;
using System.Security;
using System.Text;
using System.Text.Json;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>
/// A run as one picture, <c>curves.svg</c>: training loss and validation accuracy over steps, from its <c>metrics.jsonl</c>. SVG by hand, because a
/// plotting library would be the only native dependency of these programs.
/// </summary>
internal static class Curves
{
    private const int Width = 760;
    private const int Height = 300;
    private const int Left = 56;
    private const int Right = 56;
    private const int Top = 36;
    private const int Bottom = 40;

    /// <summary>Writes the picture of a run that has logged at least two losses; of a shorter one there is nothing to see.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="title">Above the curves.</param>
    /// <exception cref="GraphException">The file cannot be written.</exception>
    public static void Write(string folder, string title)
    {
        var lines = File.ReadLines(RunFolder.Metrics(folder)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var losses = Series(lines, "train_loss");
        if (losses.Count < 2)
        {
            return;
        }

        var steps = losses[^1].Step;
        var loss = Math.Max(losses.Max(point => point.Value), 1e-3);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{Height}" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12">""").Append('\n');
        svg.Append(CultureInfo.InvariantCulture, $"""<rect width="{Width}" height="{Height}" fill="white"/><text x="{Left}" y="20" font-size="14">{SecurityElement.Escape(title)}</text>""").Append('\n');
        for (var i = 0; i <= 4; i++)
        {
            var y = Y(i / 4.0);
            svg.Append(CultureInfo.InvariantCulture, $"""<line x1="{Left}" x2="{Width - Right}" y1="{y:F1}" y2="{y:F1}" stroke="#ddd"/>""");
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Left - 6}" y="{y + 4:F1}" text-anchor="end" fill="#b5543c">{loss * i / 4:F2}</text>""");
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Width - Right + 6}" y="{y + 4:F1}" fill="#2b6ca3">{25 * i} %</text>""");
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{X(steps * i / 4.0, steps):F1}" y="{Height - 22}" text-anchor="middle">{steps * i / 4:N0}</text>""").Append('\n');
        }

        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{(Left + Width - Right) / 2}" y="{Height - 6}" text-anchor="middle">optimiser steps</text>""").Append('\n');
        Line(svg, "#b5543c", losses.Select(point => (X(point.Step, steps), Y(point.Value / loss))));
        Line(svg, "#8fb8d8", Series(lines, "cell_accuracy").Select(point => (X(point.Step, steps), Y(point.Value))));
        Line(svg, "#2b6ca3", Series(lines, "exact_accuracy").Select(point => (X(point.Step, steps), Y(point.Value))));
        Legend(svg, 0, "#b5543c", "training loss (left)");
        Legend(svg, 1, "#8fb8d8", "cells right (validation)");
        Legend(svg, 2, "#2b6ca3", "puzzles wholly right (validation)");
        svg.Append("</svg>\n");
        WholeFile.Write(Path.Combine(folder, "curves.svg"), stream => stream.Write(Encoding.UTF8.GetBytes(svg.ToString())));
    }

    /// <summary>What has that name, where it is a number: a loss that was not finite is logged as null.</summary>
    private static List<(long Step, double Value)> Series(List<JsonElement> lines, string name) =>
    [
        .. lines.Where(line => line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number)
            .Select(line => (line.GetProperty("step").GetInt64(), line.GetProperty(name).GetDouble())),
    ];

    private static double X(double step, double steps) => Left + ((Width - Left - Right) * step / steps);

    private static double Y(double share) => Height - Bottom - ((Height - Top - Bottom) * share);

    private static void Line(StringBuilder svg, string colour, IEnumerable<(double X, double Y)> points) =>
        svg.Append(CultureInfo.InvariantCulture, $"""<polyline fill="none" stroke="{colour}" stroke-width="2" points="{string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:F1},{p.Y:F1}")))}"/>""").Append('\n');

    private static void Legend(StringBuilder svg, int row, string colour, string text)
    {
        var y = (Top + Height) / 2 + (18 * (row - 1));
        svg.Append(CultureInfo.InvariantCulture, $"""<line x1="{Left + 380}" x2="{Left + 400}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="3"/><text x="{Left + 408}" y="{y + 4}">{text}</text>""").Append('\n');
    }
}
