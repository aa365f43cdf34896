using System.Diagnostics;
using System.Globalization;

namespace Graph.Bench;

/// <summary>Time from the start of a process to the end of its first training step.</summary>
internal static class StartupReport
{
    public const string Formula =
        "startup: a child process is timed from its start to its first finished training step, weights initialised; of several children the fastest counts. "
        + "ratio = that time / (0.3 s + fastest warm step of the same child).";

    /// <summary>What the child is told to do.</summary>
    public const string Child = "first-step";

    private const double Allowance = 300;
    private const int Children = 4;

    public static void Run(string model, string size, int batch, int microBatches, int threads, bool json, TextWriter output)
    {
        Dictionary<string, double> best = Enumerable.Range(0, Children).Select(_ => Time(model, size, batch, microBatches, threads)).MinBy(t => t["first_ms"] / (Allowance + t["warm"]))!;
        double ratio = best["first_ms"] / (Allowance + best["warm"]);
        output.WriteLine(json
            ? string.Create(CultureInfo.InvariantCulture, $"{{\"mode\":\"startup\",\"model\":\"{model}\",\"size\":\"{size}\",\"batch\":{batch},\"first_ms\":{best["first_ms"]:F1},\"main_ms\":{best["main"]:F1},\"model_ms\":{best["model"]:F1},\"warm_ms\":{best["warm"]:F1},\"ratio\":{ratio:F3}}}")
            : string.Create(CultureInfo.InvariantCulture, $"{model}.{size}, batch {batch}: first step ends after {best["first_ms"]:F0} ms (Main {best["main"]:F0}, model ready {best["model"]:F0}); warm step {best["warm"]:F0} ms; ratio {ratio:F2}"));
    }

    private static Dictionary<string, double> Time(string model, string size, int batch, int microBatches, int threads)
    {
        string host = Environment.ProcessPath!;
        string[] assembly = Path.GetFileNameWithoutExtension(host) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        ProcessStartInfo info = new(host, [.. assembly, Child, "--model", model, "--size", size, "--batch", $"{batch}", "--micro-batches", $"{microBatches}", "--threads", $"{threads}"]) { RedirectStandardOutput = true };
        Dictionary<string, double> times = [];
        long start = Stopwatch.GetTimestamp();
        using Process child = Process.Start(info)!;
        while (child.StandardOutput.ReadLine() is { } line)
        {
            string[] parts = line.Split(' ');
            times[parts[0]] = double.Parse(parts[1], CultureInfo.InvariantCulture);
            if (parts[0] == "step")
            {
                times["first_ms"] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }

        child.WaitForExit();
        return times;
    }
}
