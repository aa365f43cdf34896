using System.Text;
using Graph.Models.Puzzles;
using Graph.Samples.Commands;
using Spectre.Console;

namespace Graph.Samples.Sudoku;

/// <summary>Everything the run shows: one live line in a terminal, plain lines elsewhere, and the final table.</summary>
internal sealed class Screen(StatusContext? status)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private DateTime next = DateTime.MinValue;

    /// <summary>Runs <paramref name="work"/> under a live line where there is a terminal.</summary>
    public static T Show<T>(Func<Screen, T> work)
        => AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected
            ? AnsiConsole.Status().Start("starting", status => work(new Screen(status)))
            : work(new Screen(null));

    /// <summary>Replaces the live line; elsewhere a plain line every few seconds.</summary>
    public void Progress(string line)
    {
        if (status is not null)
        {
            status.Status = Markup.Escape(line);
        }
        else if (DateTime.UtcNow >= next)
        {
            next = DateTime.UtcNow + Interval;
            Console.WriteLine(line);
        }
    }

    /// <summary>A line that stays.</summary>
    public void Line(string line)
    {
        if (status is null)
        {
            Console.WriteLine(line);
        }
        else
        {
            AnsiConsole.MarkupLine(Markup.Escape(line));
        }
    }

    public static void Results(Summary summary, string folder)
    {
        var table = new Table().AddColumn("result").AddColumn(new TableColumn("value").RightAligned());
        table.AddRow("model, size", $"{summary.Model}, {summary.Size}");
        table.AddRow("parameters", $"{summary.Parameters:N0}");
        table.AddRow("device", $"{summary.Device}, {summary.Threads} threads");
        table.AddRow("steps, batch", $"{summary.Steps:N0}, {summary.Batch}");
        table.AddRow("seconds", $"{summary.Seconds:F1}");
        table.AddRow("train loss", $"{summary.TrainLoss:F4}");
        table.AddRow("held-out puzzles", $"{summary.HeldOutPuzzles:N0}");
        table.AddRow("cell accuracy", $"{summary.CellAccuracy:P2}");
        table.AddRow("blank accuracy", $"{summary.BlankAccuracy:P2}");
        table.AddRow("exact accuracy", $"{summary.ExactAccuracy:P2}");
        table.AddRow("legal grids", $"{summary.LegalShare:P2}");
        AnsiConsole.Write(table);
        Console.WriteLine(summary.TargetReached
            ? $"Target reached: at least {Run.Target:P0} of at least {Run.HeldOutPuzzles} held-out puzzles exact."
            : $"Target missed: {summary.ExactAccuracy:P1} exact on {summary.HeldOutPuzzles} held-out puzzles, wanted {Run.Target:P0} on {Run.HeldOutPuzzles}.");
        Console.WriteLine($"Written to {folder}: summary.json, metrics.jsonl, curves.svg, {PuzzlePage.FileName}");
    }

    /// <summary>Puzzle and answer side by side, where no solution is known.</summary>
    public static string SideBySide(SudokuShape shape, ReadOnlySpan<byte> question, ReadOnlySpan<byte> answer)
    {
        var text = new StringBuilder();
        for (var row = 0; row < shape.N; row++)
        {
            text.Append(row > 0 && row % shape.BoxRows == 0 ? "\n" : "");
            Row(text, shape, row, question, default);
            text.Append("   ");
            Row(text, shape, row, answer, default);
            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Puzzle, prediction and solution side by side; a wrong cell is followed by <c>!</c>.</summary>
    public static string SideBySide(SudokuShape shape, SudokuPuzzle puzzle, ReadOnlySpan<byte> prediction)
    {
        var text = new StringBuilder();
        var width = 2 * shape.N + 2 * (shape.N / shape.BoxColumns - 1);
        text.Append("puzzle".PadRight(width + 3)).Append("prediction".PadRight(width + 3)).AppendLine("solution");
        for (var row = 0; row < shape.N; row++)
        {
            if (row > 0 && row % shape.BoxRows == 0)
            {
                text.AppendLine();
            }

            Row(text, shape, row, puzzle.Question, default);
            text.Append("   ");
            Row(text, shape, row, prediction, puzzle.Answer);
            text.Append("   ");
            Row(text, shape, row, puzzle.Answer, default);
            text.AppendLine();
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, SudokuShape shape, int row, ReadOnlySpan<byte> cells, ReadOnlySpan<byte> right)
    {
        for (var column = 0; column < shape.N; column++)
        {
            var cell = row * shape.N + column;
            text.Append(column > 0 && column % shape.BoxColumns == 0 ? "| " : "");
            text.Append(cells[cell] == 0 ? '.' : (char)('0' + cells[cell]));
            text.Append(!right.IsEmpty && right[cell] != cells[cell] ? '!' : ' ');
        }
    }
}
