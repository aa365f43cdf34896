using System.Globalization;
using System.Security;
using System.Text;
using Graph.Models.Puzzles;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>
/// A page of pictures, <c>predictions.svg</c>: some examples, each with its question, what the model predicted and the answer. SVG by hand,
/// because a drawing library would be the only native dependency of these programs.
/// </summary>
/// <param name="look">Of the benchmark.</param>
/// <param name="examples">How many there are; those on the page lie evenly among them.</param>
internal sealed class PuzzlePage(PuzzleLook look, int examples)
{
    public const string FileName = "predictions.svg";

    private const int Rows = 8;
    private const int Margin = 16;
    private const int GridPixels = 216;
    private const int Title = 22;

    /// <summary>Where the question says nothing and the model or the answer does.</summary>
    private const string Added = "#1f5fa8";

    private const string Wrong = "#d62728";

    private const int Columns = 3;

    private static readonly string[] Heads = ["question", "prediction", "answer"];

    private readonly SortedDictionary<int, Example> chosen = [];

    /// <summary>One prediction; as <see cref="SampleSink"/>. Those that are not on the page are passed over.</summary>
    public void Add(int example, string identifier, ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, double q)
    {
        // The first of each of Rows equal parts.
        var part = Math.Max(1, examples / Rows);
        if (example % part != 0 || example / part >= Rows)
        {
            return;
        }

        // What is not supervised is anything: neither right nor wrong, and not drawn.
        int[] answer = [.. labels], shown = [.. predicted];
        var (right, cells) = (0, 0);
        for (var i = 0; i < answer.Length; i++)
        {
            if (answer[i] < 0)
            {
                shown[i] = answer[i];
                continue;
            }

            cells++;
            right += shown[i] == answer[i] ? 1 : 0;
        }

        var name = identifier == IdentifierList.Blank ? "" : $", {identifier}";
        var caption = string.Create(CultureInfo.InvariantCulture, $"example {example + 1}{name}: {right} of {cells} cells right, halt probability {q:0.00}");
        chosen[example] = new Example(caption, [.. tokens], shown, answer);
    }

    /// <exception cref="GraphException">The file cannot be written.</exception>
    public void Write(string folder)
    {
        var svg = new StringBuilder();
        var top = Margin;
        foreach (var example in chosen.Values)
        {
            top = Draw(svg, example, top);
        }

        const int Width = Columns * (GridPixels + (2 * Margin));
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{top}" viewBox="0 0 {Width} {top}" font-family="sans-serif" font-size="12">
            <rect width="{Width}" height="{top}" fill="white"/>

            """);
        WholeFile.Write(Path.Combine(folder, FileName), stream => stream.Write(Encoding.UTF8.GetBytes(head + svg + "</svg>\n")));
    }

    /// <summary>Draws an example below <paramref name="top"/>; returns where it ends.</summary>
    private int Draw(StringBuilder svg, Example example, int top)
    {
        var side = (int)Math.Sqrt(example.Tokens.Length);
        int[][] grids = [example.Tokens, example.Predicted, example.Answer];
        var (firstRow, rows) = Extent(grids, side, cell => cell / side);
        var (firstColumn, columns) = Extent(grids, side, cell => cell % side);
        var size = Math.Min(24, GridPixels / Math.Max(1, Math.Max(rows, columns)));
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Margin}" y="{top + 10}">{SecurityElement.Escape(example.Caption)}</text>""").Append('\n');
        for (var g = 0; g < grids.Length; g++)
        {
            var left = Margin + (g * ((columns * size) + (2 * Margin)));
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{left}" y="{top + Title + 6}" fill="#777">{Heads[g]}</text>""").Append('\n');
            svg.Append(CultureInfo.InvariantCulture, $"""<g transform="translate({left},{top + Title + 12})">""").Append('\n');
            for (var row = 0; row < rows; row++)
            {
                Line(svg, example, grids[g], ((firstRow + row) * side) + firstColumn, columns, row, size);
            }

            Boxes(svg, rows, columns, size);
            svg.Append("</g>\n");
        }

        return top + Title + 12 + (rows * size) + Margin;
    }

    /// <summary>The first and the number of the rows (or columns) in which any of the grids has something.</summary>
    private (int First, int Count) Extent(int[][] grids, int side, Func<int, int> lineOf)
    {
        var (first, last) = (side, -1);
        foreach (var grid in grids)
        {
            for (var cell = 0; cell < grid.Length; cell++)
            {
                if (look.Of(grid[cell]) is not null)
                {
                    (first, last) = (Math.Min(first, lineOf(cell)), Math.Max(last, lineOf(cell)));
                }
            }
        }

        return last < 0 ? (0, 0) : (first, last - first + 1);
    }

    /// <summary>A row of cells; neighbours of one colour are one rectangle, which makes a maze's page a tenth as large.</summary>
    private void Line(StringBuilder svg, Example example, int[] grid, int start, int columns, int row, int size)
    {
        for (var column = 0; column < columns;)
        {
            var fill = look.Of(grid[start + column])?.Fill;
            var end = column + 1;
            while (end < columns && look.Of(grid[start + end])?.Fill == fill)
            {
                end++;
            }

            if (fill is not null)
            {
                svg.Append(CultureInfo.InvariantCulture, $"""<rect x="{column * size}" y="{row * size}" width="{(end - column) * size}" height="{size}" fill="{fill}"/>""");
            }

            column = end;
        }

        for (var column = 0; column < columns; column++)
        {
            var cell = start + column;
            if (look.Of(grid[cell]) is { Text.Length: > 0 } drawn)
            {
                var colour = grid[cell] == example.Tokens[cell] ? "#222" : Added;
                svg.Append(CultureInfo.InvariantCulture, $"""<text x="{(column + 0.5) * size:0.#}" y="{(row + 0.71) * size:0.#}" font-size="{0.6 * size:0.#}" fill="{colour}" text-anchor="middle">{drawn.Text}</text>""");
            }

            if (ReferenceEquals(grid, example.Predicted) && grid[cell] != example.Answer[cell])
            {
                svg.Append(CultureInfo.InvariantCulture, $"""<rect x="{(column * size) + 1}" y="{(row * size) + 1}" width="{size - 2}" height="{size - 2}" fill="none" stroke="{Wrong}" stroke-width="{(size > 12 ? 2 : 1)}"/>""");
            }
        }

        svg.Append('\n');
    }

    private void Boxes(StringBuilder svg, int rows, int columns, int size)
    {
        svg.Append(CultureInfo.InvariantCulture, $"""<rect width="{columns * size}" height="{rows * size}" fill="none" stroke="#999"/>""");
        var (boxRows, boxColumns) = look.Box;
        for (var row = 1; boxRows > 0 && row < rows; row++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<path d="M0 {row * size}H{columns * size}" stroke="{(row % boxRows == 0 ? "#444" : "#ddd")}"/>""");
        }

        for (var column = 1; boxColumns > 0 && column < columns; column++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<path d="M{column * size} 0V{rows * size}" stroke="{(column % boxColumns == 0 ? "#444" : "#ddd")}"/>""");
        }

        svg.Append('\n');
    }

    /// <summary>One row of the page; cells that are not supervised are negative in the prediction and the answer.</summary>
    private sealed record Example(string Caption, int[] Tokens, int[] Predicted, int[] Answer);
}
