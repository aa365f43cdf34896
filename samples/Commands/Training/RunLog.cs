using System.Diagnostics;
using System.Text.Json;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>The numbers of a run: <c>metrics.jsonl</c> and TensorBoard's event files in <c>tensorboard</c>.</summary>
internal sealed class RunLog : IDisposable
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly MetricsLog metrics;
    private readonly TensorBoardLog events;
    private readonly double before;

    /// <param name="folder">The run's folder; made where it is missing.</param>
    /// <param name="resumed">Steps taken before; null: a new run.</param>
    public RunLog(string folder, long? resumed)
    {
        Directory.CreateDirectory(folder);
        var (path, board) = (RunFolder.Metrics(folder), Path.Combine(folder, "tensorboard"));
        metrics = resumed is { } step ? MetricsLog.Resume(path, step) : MetricsLog.Create(path);
        events = resumed is { } last ? TensorBoardLog.Resume(board, last) : TensorBoardLog.Create(board);
        before = resumed is null ? 0 : LastSeconds(path);
    }

    /// <summary>Time spent, that before a resume included.</summary>
    public double Seconds => Math.Round(before + clock.Elapsed.TotalSeconds, 2);

    public void Write(long step, params ReadOnlySpan<Scalar> values)
    {
        metrics.Write(step, Seconds, values);
        events.Write(step, values);
    }

    public void Dispose()
    {
        metrics.Dispose();
        events.Dispose();
    }

    private static double LastSeconds(string path)
    {
        if (File.ReadLines(path).LastOrDefault() is not { } line)
        {
            return 0;
        }

        using var json = JsonDocument.Parse(line);
        return json.RootElement.TryGetProperty("seconds", out var seconds) && seconds.ValueKind == JsonValueKind.Number ? seconds.GetDouble() : 0;
    }
}
