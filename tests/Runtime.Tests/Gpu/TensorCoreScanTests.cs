using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The scan with its products on tensor cores, as CUDA would get it, in the PTX interpreter, against doubles: with every factor rounded to
/// bfloat16, so that only a few roundings fall the other way, and with none.
/// </summary>
public sealed class TensorCoreScanTests
{
    /// <summary>Samples, tokens, heads, groups, P, state, chunk, direction.</summary>
    public static TheoryData<int, int, int, int, int, int, int, int> Shapes => new()
    {
        { 1, 64, 1, 1, 64, 64, 64, 1 },
        { 2, 97, 4, 2, 32, 16, 64, -1 },
        { 1, 300, 2, 1, 32, 24, 64, 1 },
        { 1, 270, 1, 1, 72, 80, 96, -1 }, // two tiles in each direction, the second ragged
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Scan_is_right(int b, int t, int heads, int groups, int p, int n, int chunk, int direction)
    {
        var scan = new TensorCoreScan(new(b, t, heads, groups, p, n, chunk, direction));
        var actual = scan.Run();
        Assert.Equal(0, scan.Conflicts);
        Assert.All(scan.Errors(actual, scan.Rounded), error => Assert.InRange(error.Value, 0, TensorCoreScan.Tolerance));

        // dA_log is one sum of terms of both signs, of any small size; dD needs no product.
        Assert.All(scan.Errors(actual, scan.Exact).Where(error => error.Key is not ("dA_log" or "dD")), error => Assert.InRange(error.Value, 1e-4, 1e-2));
    }
}
