using System.Diagnostics;
using System.Globalization;

namespace Graph.Bench;

/// <summary>The child of <see cref="StartupReport"/>: does what a training program does up to its first step, and says when, in milliseconds since the process started.</summary>
internal static class FirstStep
{
    private const int Warm = 5;

    public static void Run(string model, string size, int batch, int microBatches, int threads, TextWriter output)
    {
        Say("main");
        using StepRun run = new(model, size, batch, microBatches, threads, training: true);
        Say("model");
        run.Turn();
        Say("step");
        for (int i = 0; i < Warm; i++)
        {
            run.Turn();
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"warm {run.Milliseconds.Skip(1).Min():F1}"));

        void Say(string what)
        {
            double age = (DateTime.UtcNow - Process.GetCurrentProcess().StartTime.ToUniversalTime()).TotalMilliseconds;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {age:F1}"));
        }
    }
}
