using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Graph.Bench;

/// <summary>Times a <see cref="StepRun"/> with the FMA peak measured between its steps, and prints the result.</summary>
internal sealed record StepReport(string Mode, string Model, string Size, int Batch, int MicroBatches, int Threads, bool Bfloat16)
{
    public const string Formula =
        "GFLOP of a step = forward work of every turn + (step only) 2 x forward work of the turns that carry gradient; "
        + "recomputation, optimiser, packing and the weight average are not counted, but their time is. "
        + "gflops = gflop / median time; fma_peak_gflops = best of one core, measured between the steps, x threads; ratio = gflops / fma_peak_gflops. "
        + "With --precision bf16 the peak stays float32's, of which the tile can reach twice. "
        + "cpu_ms_median is the median processor time of all threads; cpu_ratio = gflop / cpu_ms_median / peak of one core: what the ratio would be if nobody else used the cores. "
        + "allocated_bytes_per_step is what a median step allocated on the managed heap. peak_mb is the process's peak resident memory.";

    private const int Warm = 3;
    private const int Least = 7, Most = 200;
    private const double Seconds = 10;

    private string Precision => Bfloat16 ? "bf16" : "fp32";

    public void Run(bool json, TextWriter output)
    {
        using StepRun run = new(Model, Size, Batch, MicroBatches, Threads, Mode == "step", Bfloat16);
        double first = Turns(run, 1);
        Turns(run, Warm - 1);
        run.Restart();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Least || (i < Most && Stopwatch.GetElapsedTime(start).TotalSeconds < Seconds); i++)
        {
            run.Turn();
            Peak.Turn();
            Peak.Turn();
        }

        double[] sorted = [.. run.Milliseconds.Order()];
        double median = sorted[sorted.Length / 2], peak = Peak.Times.Gflops * run.Threads, rate = run.Gflop / median * 1e3;
        double processor = run.ProcessorMilliseconds.Order().ElementAt(sorted.Length / 2), processorRatio = run.Gflop / processor * 1e3 / Peak.Times.Gflops;
        double megabytes = Process.GetCurrentProcess().PeakWorkingSet64 / 1e6;
        if (json)
        {
            using MemoryStream stream = new();
            using (Utf8JsonWriter writer = new(stream))
            {
                writer.WriteStartObject();
                writer.WriteString("mode", Mode);
                writer.WriteString("model", Model);
                writer.WriteString("size", Size);
                writer.WriteNumber("batch", Batch);
                writer.WriteNumber("micro_batches", MicroBatches);
                writer.WriteNumber("threads", run.Threads);
                writer.WriteString("precision", Precision);
                writer.WriteNumber("steps", sorted.Length);
                Number("first_ms", first, 1);
                Number("ms_median", median, 3);
                Number("ms_min", sorted[0], 3);
                Number("ms_p90", sorted[sorted.Length * 9 / 10], 3);
                Number("tokens_per_second", run.Tokens / median * 1e3, 0);
                Number("gflop", run.Gflop, 3);
                Number("gflops", rate, 1);
                Number("fma_peak_gflops", peak, 1);
                Number("ratio", rate / peak, 4);
                Number("ratio_min", run.Gflop / sorted[0] * 1e3 / peak, 4);
                Number("cpu_ms_median", processor, 3);
                Number("cpu_ratio", processorRatio, 4);
                Number("peak_mb", megabytes, 1);
                writer.WriteNumber("allocated_bytes_per_step", run.AllocatedBytes);
                writer.WriteStartObject("profile_ms");
                foreach ((string name, double milliseconds, _) in run.Profile)
                {
                    Number(name, milliseconds, 3);
                }

                writer.WriteEndObject();
                writer.WriteEndObject();

                void Number(string name, double value, int digits) => writer.WriteNumber(name, Math.Round(value, digits));
            }

            output.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
            return;
        }

        Line($"{Model}.{Size}, {Mode}, batch {Batch}{(MicroBatches == 1 ? "" : $" in {MicroBatches} micro-batches")}, threads {run.Threads}, {Precision}: {sorted.Length} steps");
        Line($"time     median {median:F2} ms, minimum {sorted[0]:F2} ms, 90 % below {sorted[sorted.Length * 9 / 10]:F2} ms; first {first:F0} ms");
        Line($"tokens   {run.Tokens / median * 1e3:F0} per second");
        Line($"work     {run.Gflop:F2} GFLOP: {rate:F1} GFLOP/s of {peak:F1} FMA peak, ratio {rate / peak:F3} (fastest step {run.Gflop / sorted[0] * 1e3 / peak:F3})");
        Line($"cpu      median {processor:F2} ms of all threads, ratio {processorRatio:F3}");
        Line($"memory   {megabytes:F0} MB peak, {run.AllocatedBytes} bytes allocated in a step");
        Line($"profile  (mean step; ms, share, launches)");
        double mean = run.Milliseconds.Average();
        foreach ((string name, double milliseconds, double launches) in run.Profile)
        {
            Line($"  {name,-32}{milliseconds,10:F3}{milliseconds / mean,8:P1}{launches,7:F0}");
        }

        void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    private static double Turns(StepRun run, int count)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            run.Turn();
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
