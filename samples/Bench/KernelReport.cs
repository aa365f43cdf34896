using System.Globalization;

namespace Graph.Bench;

/// <summary>The FMA peak alone, or with kernels.</summary>
internal static class KernelReport
{
    public const string Formula =
        "gemm: 2 x 672 x 3072 x 512 operations; NT is the forward of a layer 512 -> 3072, NN the gradient of its input, TN of its weight. "
        + "attention: 4 t t c operations forward (c = 512, 8 heads), scan: t (t + 1) (state + e) in its quadratic form, t 65 (state + e) + 4 t e state in chunks of 64 "
        + "(e = 1024, state = 128, 16 heads), each for 2 samples; backward counts twice the forward. With --precision bf16 gemm measures both precisions in turns; the peak is float32's in any case, so bf16 can exceed it. Every block counts its best time of many turns; "
        + "with several threads a whole launch is one block.";

    private const double Seconds = 8;
    private const int Least = 10;

    public static void Run(string mode, int threads, bool bfloat16, bool json, TextWriter output)
    {
        // Turns alternate between the measurements, so that a noisy neighbour or a change of clock meets all of them.
        List<IKernelBench> benches = Create(mode, threads, bfloat16);
        long start = Environment.TickCount64;
        for (int turn = 0; turn < Least || Environment.TickCount64 - start < Seconds * 1e3; turn++)
        {
            foreach (IKernelBench bench in benches)
            {
                Peak.Turn();
                bench.Turn();
            }

            Peak.Turn();
        }

        double peak = Peak.Times.Gflops;
        IEnumerable<(string Name, double Gflops, double OfPeak)> results =
            benches.SelectMany(b => b.Times).Select(t => (t.Name, t.Times.Gflops, t.Times.Gflops / peak / t.Threads)).Prepend(("peak", peak, 1));
        if (json)
        {
            output.WriteLine($"{{{string.Join(',', results.Select(r => string.Create(CultureInfo.InvariantCulture, $"\"{r.Name}\":{{\"gflops\":{r.Gflops:F1},\"of_peak\":{r.OfPeak:F3}}}")))}}}");
        }
        else
        {
            foreach ((string name, double gflops, double ofPeak) in results)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-24}{gflops,8:F1} GFLOP/s  {ofPeak,6:P1} of peak"));
            }
        }

        benches.ForEach(b => b.Dispose());
    }

    private static List<IKernelBench> Create(string mode, int threads, bool bfloat16)
    {
        List<IKernelBench> benches = [];
        int[] counts = threads > 1 ? [1, threads] : [1];
        foreach (int count in counts)
        {
            switch (mode)
            {
                case "gemm" when count == 1:
                    benches.Add(new Gemm(bfloat16: false));
                    if (bfloat16)
                    {
                        benches.Add(new Gemm(bfloat16));
                    }

                    break;
                case "gemm":
                    benches.Add(new GemmLaunches(count, bfloat16: false));
                    if (bfloat16)
                    {
                        benches.Add(new GemmLaunches(count, bfloat16));
                    }

                    break;
                case "attention":
                    benches.AddRange(new AttentionBench(97, count), new AttentionBench(916, count));
                    break;
                case "scan":
                    benches.AddRange(new ScanBench(97, count), new ScanBench(916, count));
                    break;
            }
        }

        return benches;
    }
}
