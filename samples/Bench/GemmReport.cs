using System.Globalization;

namespace Graph.Bench;

/// <summary>The FMA peak alone, or with the matrix products.</summary>
internal static class GemmReport
{
    private const int Turns = 40;

    public static void Run(bool products, bool json, TextWriter output)
    {
        // Turns alternate between the measurements, so that a noisy neighbour or a change of clock meets all of them.
        using var gemm = new Gemm();
        for (int turn = 0; turn < Turns; turn++)
        {
            Peak.Turn();
            if (products)
            {
                gemm.Turn();
            }
        }

        double peak = Peak.Times.Gflops;
        List<(string Name, double Gflops)> results = [("peak", peak)];
        if (products)
        {
            results.AddRange([("rows48", gemm.Rows48.Gflops), ("rows96", gemm.Rows96.Gflops), ("weightGradient", gemm.WeightGradient.Gflops)]);
        }

        if (json)
        {
            IEnumerable<string> fields = results.Select(r => string.Create(CultureInfo.InvariantCulture, $"\"{r.Name}\":{{\"gflops\":{r.Gflops:F1},\"ofPeak\":{r.Gflops / peak:F3}}}"));
            output.WriteLine($"{{{string.Join(',', fields)}}}");
            return;
        }

        foreach ((string name, double gflops) in results)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-16}{gflops,8:F1} GFLOP/s  {gflops / peak,6:P1} of peak"));
        }
    }
}
