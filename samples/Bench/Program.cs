using System.Globalization;
using Graph.Bench;

const int Turns = 40;
string[] names = [.. args.Where(a => a != "--json")];
if (names is not ["peak" or "gemm"])
{
    Console.Error.WriteLine($"Expected 'peak' or 'gemm', optionally with --json, but got '{string.Join(' ', args)}'.");
    return 2;
}

// Turns alternate between the measurements, so that a noisy neighbour or a change of clock meets all of them.
using var gemm = new Gemm();
for (int turn = 0; turn < Turns; turn++)
{
    Peak.Turn();
    if (names[0] == "gemm")
    {
        gemm.Turn();
    }
}

double peak = Peak.Times.Gflops;
List<(string Name, double Gflops)> results = [("peak", peak)];
if (names[0] == "gemm")
{
    results.AddRange([("rows48", gemm.Rows48.Gflops), ("rows96", gemm.Rows96.Gflops), ("weightGradient", gemm.WeightGradient.Gflops)]);
}

if (args.Contains("--json"))
{
    IEnumerable<string> fields = results.Select(r => string.Create(CultureInfo.InvariantCulture, $"\"{r.Name}\":{{\"gflops\":{r.Gflops:F1},\"ofPeak\":{r.Gflops / peak:F3}}}"));
    Console.WriteLine($"{{{string.Join(',', fields)}}}");
}
else
{
    foreach ((string name, double gflops) in results)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-16}{gflops,8:F1} GFLOP/s  {gflops / peak,6:P1} of peak"));
    }
}

return 0;
