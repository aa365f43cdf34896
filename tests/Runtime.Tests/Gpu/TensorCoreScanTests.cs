using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The scan with its products on tensor cores, as CUDA would get it, in the PTX interpreter, against doubles: with every factor rounded to
/// bfloat16, so that only a few roundings fall the other way, and with none. Operands and results in memory are float32 or bfloat16; the references then
/// start from the rounded operands.
/// </summary>
public sealed class TensorCoreScanTests
{
    /// <summary>Samples, tokens, heads, groups, P, state, chunk, direction, what is stored as bfloat16.</summary>
    public static TheoryData<int, int, int, int, int, int, int, int, string> Shapes => new()
    {
        { 1, 64, 1, 1, 64, 64, 64, 1, "" },
        { 2, 97, 4, 2, 32, 16, 64, -1, "" },
        { 1, 300, 2, 1, 32, 24, 64, 1, "" },
        { 1, 270, 1, 1, 72, 80, 96, -1, "" }, // two tiles in each direction, the second ragged
        { 1, 64, 1, 1, 64, 64, 64, 1, "xbc dy y dxbc" },
        { 2, 97, 4, 2, 32, 16, 64, -1, "xbc dy y dxbc" },
        { 1, 300, 2, 1, 32, 24, 64, 1, "xbc dy y dxbc" },
        { 1, 270, 1, 1, 72, 80, 96, -1, "xbc dy y dxbc" },
        { 2, 97, 4, 2, 32, 16, 64, 1, "xbc" },
        { 2, 97, 4, 2, 32, 16, 64, 1, "dy y" },
        { 2, 97, 4, 2, 32, 16, 64, 1, "dxbc" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Scan_is_right(int b, int t, int heads, int groups, int p, int n, int chunk, int direction, string bfloat16)
    {
        var scan = new TensorCoreScan(new(b, t, heads, groups, p, n, chunk, direction), bfloat16);
        var actual = scan.Run();
        Assert.Equal(0, scan.Conflicts);
        Assert.All(scan.Errors(actual, scan.Rounded), error => Assert.InRange(error.Value, 0, TensorCoreScan.Tolerance));

        // dA_log is one sum of terms of both signs, of any small size; dD needs no product.
        Assert.All(scan.Errors(actual, scan.Exact).Where(error => error.Key is not ("dA_log" or "dD")), error => Assert.InRange(error.Value, 1e-4, 1e-2));
    }

    /// <summary>A large batch goes through scratch slice by slice, which starts at whole vectors whatever a sample needs, and no bit changes.</summary>
    [Fact]
    public void Slices_of_the_batch_change_nothing()
    {
        ScanSizes size = new(3, 97, 1, 1, 32, 16, 64, 1);
        Assert.Equal(new TensorCoreScan(size).Run(), new TensorCoreScan(size) { Room = 30_000 }.Run());
    }

    /// <summary>What they are for: docs/gpu.md has the figures, and here they are made.</summary>
    [Fact]
    public void Tensor_cores_save_instructions()
    {
        Assert.SkipWhen(GpuTest.IsOnDevice, "Only the interpreter counts instructions.");
        ScanSizes size = new(1, 97, 1, 1, 64, 128, 64, 1);
        TensorCoreScan portable = new(size) { OnTensorCores = false }, scan = new(size), stored = new(size, "xbc dy y dxbc");
        portable.Run();
        scan.Run();
        stored.Run();
        TestContext.Current.TestOutputHelper!.WriteLine($"{scan.Executed:N0} of {portable.Executed:N0} instructions, {stored.Executed:N0} with operands as bfloat16");
        Assert.InRange((double)scan.Executed / portable.Executed, 0, 0.25);
        Assert.InRange((double)stored.Executed / portable.Executed, 0, 0.25);
    }

    /// <summary>In one chunk the operands' bytes are counted for the output, dG and dx, once for dB and once for dC: five times two bytes less an element.</summary>
    [Fact]
    public void Bytes_are_those_of_the_storage()
    {
        ScanSizes size = new(2, 5, 2, 1, 4, 4, 64, 1);
        TensorCoreScan scan = new(size), stored = new(size, "xbc dy y dxbc");
        scan.Run();
        stored.Run();
        Assert.Equal(5.0 * 2 * size.B * size.T * (size.Width + size.E), scan.Bytes - stored.Bytes);
    }

    /// <summary>Where four elements side by side are not one access, everything stays in float32.</summary>
    [Theory]
    [InlineData(12, 8, true)]
    [InlineData(12, 10, false)]
    [InlineData(10, 8, false)]
    public void Sizes_choose_the_kernels(int p, int n, bool onTensorCores)
    {
        var scan = new TensorCoreScan(new(1, 20, 1, 1, p, n, 64, 1));
        var error = scan.Errors(scan.Run(), scan.Exact)["y"];
        Assert.Equal(onTensorCores, error > 1e-5);
        Assert.Contains(onTensorCores ? "TensorCoreScanProducts.Output" : "SsdGpu.Output", scan.Kernels);
    }
}
