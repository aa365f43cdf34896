using System.Globalization;
using System.Text;
using Graph.Training;

namespace Graph.Samples.Sudoku;

/// <summary>
/// The run as one picture, <c>curves.svg</c>: training loss and validation accuracy over steps. Hand-written SVG, because a plotting
/// library would be the only native dependency of the sample.
/// </summary>
internal static class Curves
{
    private const int Width = 760;
    private const int Height = 300;
    private const int Left = 56;
    private const int Right = 56;
    private const int Top = 36;
    private const int Bottom = 40;

    public static void Write(string path, string title, IReadOnlyList<Metrics> metrics)
    {
        if (metrics.Count < 2)
        {
            return;
        }

        var steps = metrics[^1].Step;
        var loss = Math.Max(metrics.Max(m => m.TrainLoss), 1e-3);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{Height}" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12">""").Append('\n');
        svg.Append(CultureInfo.InvariantCulture, $"""<rect width="{Width}" height="{Height}" fill="white"/><text x="{Left}" y="20" font-size="14">{title}</text>""").Append('\n');
        for (var i = 0; i <= 4; i++)
        {
            var y = Y(i / 4.0);
            svg.Append(CultureInfo.InvariantCulture, $"""<line x1="{Left}" x2="{Width - Right}" y1="{y:F1}" y2="{y:F1}" stroke="#ddd"/>""");
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Left - 6}" y="{y + 4:F1}" text-anchor="end" fill="#b5543c">{loss * i / 4:F2}</text>""");
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Width - Right + 6}" y="{y + 4:F1}" fill="#2b6ca3">{25 * i} %</text>""");
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{X(steps * i / 4.0, steps):F1}" y="{Height - 22}" text-anchor="middle">{steps * i / 4:N0}</text>""").Append('\n');
        }

        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{(Left + Width - Right) / 2}" y="{Height - 6}" text-anchor="middle">optimiser steps</text>""").Append('\n');
        Line(svg, "#b5543c", metrics.Select(m => (X(m.Step, steps), Y(m.TrainLoss / loss))));
        Line(svg, "#8fb8d8", metrics.Where(m => m.CellAccuracy is not null).Select(m => (X(m.Step, steps), Y(m.CellAccuracy!.Value))));
        Line(svg, "#2b6ca3", metrics.Where(m => m.ExactAccuracy is not null).Select(m => (X(m.Step, steps), Y(m.ExactAccuracy!.Value))));
        Legend(svg, 0, "#b5543c", "training loss (left)");
        Legend(svg, 1, "#8fb8d8", "cells right (validation)");
        Legend(svg, 2, "#2b6ca3", "puzzles wholly right (validation)");
        svg.Append("</svg>\n");
        WholeFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(svg.ToString())));
    }

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
