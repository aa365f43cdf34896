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
var best = new SortedDictionary<string, double>(StringComparer.Ordinal);
using var gemm = new Gemm();
for (int turn = 0; turn < Turns; turn++)
{
    Note("peak", Peak.Measure());
    if (names[0] == "gemm")
    {
        Note("rows48", gemm.Forward(48));
        Note("rows96", gemm.Forward(96));
        Note("weightGradient", gemm.WeightGradient());
    }
}

if (args.Contains("--json"))
{
    IEnumerable<string> fields = best.Select(b => string.Create(CultureInfo.InvariantCulture, $"\"{b.Key}\":{{\"gflops\":{b.Value:F1},\"ofPeak\":{b.Value / best["peak"]:F3}}}"));
    Console.WriteLine($"{{{string.Join(',', fields)}}}");
}
else
{
    foreach ((string name, double gflops) in best)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-16}{gflops,8:F1} GFLOP/s  {gflops / best["peak"],6:P1} of peak"));
    }
}

return 0;

void Note(string name, double gflops) => best[name] = Math.Max(gflops, best.GetValueOrDefault(name));
