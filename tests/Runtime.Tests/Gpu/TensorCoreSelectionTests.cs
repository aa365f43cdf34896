using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Which products run on tensor cores, and that they get their arguments right: the launches of <see cref="MatMul"/> on a queue with
/// bfloat16 weights, against the portable kernels.
/// </summary>
public sealed class TensorCoreSelectionTests
{
    /// <summary>Floats of the weights at the start of memory, of x and dy behind, of results, and of the copy.</summary>
    private const int Room = 1 << 17;

    private const string Portable = "";

    /// <summary>Of products along the token axis.</summary>
    private const int Samples = 2;

    /// <summary>Kind, rows, k, n, which of x, y and d (of gradients: dy) are bfloat16, kernel.</summary>
    public static TheoryData<string, int, int, int, string, string> Products => new()
    {
        { "rows", 81, 64, 72, "xy", "ForwardSmall" },
        { "rows", 81, 64, 72, "x", "ForwardSmall" },
        { "rows", 81, 64, 72, "y", Portable }, // no kernel for float32 x
        { "rows", 81, 64, 72, "", Portable },
        { "rows", 81, 64, 2, "x", Portable }, // a head of two outputs
        { "rows", 16, 64, 64, "xy", Portable }, // few rows
        { "rows", 81, 36, 64, "xy", Portable }, // no whole chunks
        { "backward", 81, 64, 72, "xy", "BackwardSmall" },
        { "backward", 81, 64, 72, "x", "BackwardSmall" },
        { "backward", 81, 64, 72, "y", "Columns" }, // dy in float32
        { "backward", 81, 64, 68, "xy", Portable },
        { "gradient", 81, 64, 72, "dx", "GradientSmall" },
        { "gradient", 81, 64, 72, "x", "ColumnsBackward" }, // dy in float32
        { "gradient", 81, 64, 72, "d", Portable },
        { "gradient", 81, 64, 70, "dx", Portable },
        { "split gradient", 520, 64, 72, "dx", "GradientSmall" },
        { "columns", 97, 97, 64, "xy", "Columns" },
        { "columns", 97, 97, 64, "x", "Columns" },
        { "columns", 97, 97, 64, "y", Portable },
        { "columns", 97, 64, 64, "xy", "BackwardSmall" }, // rows of the weight are whole chunks
        { "columns", 17, 64, 72, "xy", "Columns" },
        { "columns", 15, 64, 72, "xy", Portable }, // few tokens
        { "columns", 97, 97, 68, "xy", Portable }, // no whole chunks of activations
        { "columns backward", 97, 97, 64, "xy", "ColumnsBackward" },
        { "columns backward", 64, 97, 64, "xy", "GradientSmall" }, // rows of the weight are whole chunks
        { "columns backward", 64, 97, 64, "x", "GradientSmall" },
        { "columns backward", 64, 17, 64, "xy", "ColumnsBackward" },
        { "columns backward", 97, 97, 68, "xy", Portable },
        { "columns gradient", 97, 97, 64, "dx", "ColumnsGradient" },
        { "columns gradient", 97, 97, 64, "x", Portable },
        { "columns gradient", 97, 97, 60, "dx", Portable },
        { "split columns gradient", 17, 31, 512, "dx", "ColumnsGradient" },
    };

    [Theory]
    [MemberData(nameof(Products))]
    public void A_product_equals_the_portable_one(string kind, int rows, int k, int n, string forms, string kernel)
    {
        var random = new Random(4);
        float[] memory = [.. Enumerable.Range(0, 4 * Room).Select(_ => (random.NextSingle() * 2) - 1)];
        var portable = Run(kind, rows, k, n, memory, "", bfloat16: false, out _);
        var actual = Run(kind, rows, k, n, memory, forms, bfloat16: true, out var names);
        Assert.Equal(kernel != Portable, names.Contains($"TensorCoreKernels.{kernel}"));
        Assert.Equal(kernel == Portable, names.Any(name => name.StartsWith("GpuTiles", StringComparison.Ordinal)));
        var largest = portable.Max(Math.Abs);
        var error = actual.Zip(portable, (x, y) => Math.Abs(x - y)).Max() / largest;
        var isSame = kernel == Portable && forms.Length == 0;
        Assert.InRange(error, 0, isSame ? 0 : 2e-2);
        Assert.Equal(isSame, error == 0);
    }

    [Theory]
    [InlineData(5000, 512, 512, "Forward")]
    [InlineData(1000, 512, 512, "ForwardSmall")]
    public void The_tile_follows_the_sizes(int rows, int k, int n, string kernel)
    {
        var queue = new Recorder { Bfloat16Weights = new Bfloat16Copy(0, Room, 3 * Room) };
        var worker = new Worker(0, default, 0, 1, queue);
        MatMul.Rows(worker, GpuQueue.Place(Bfloat16Place.Of(Room)), k, GpuQueue.Place(0), GpuQueue.Place(2 * Room), n, rows, k, n, accumulate: false);
        Assert.Equal($"TensorCoreKernels.{kernel}", queue.Names[^1]);
    }

    /// <summary>The copy is made once, and again after a change.</summary>
    [Fact]
    public void Weights_are_rounded_when_they_have_changed()
    {
        var copy = new Bfloat16Copy(0, Room, 3 * Room);
        var queue = new Recorder { Bfloat16Weights = copy };
        var worker = new Worker(0, default, 0, 1, queue);
        for (var turn = 0; turn < 4; turn++)
        {
            MatMul.Rows(worker, GpuQueue.Place(Bfloat16Place.Of(Room)), 64, GpuQueue.Place(0), GpuQueue.Place(2 * Room), 64, 64, 64, 64, accumulate: false);
            if (turn == 1)
            {
                copy.Changed();
            }
        }

        Assert.Equal(
            ["GpuBfloat16.Round", "TensorCoreKernels.ForwardSmall", "TensorCoreKernels.ForwardSmall", "GpuBfloat16.Round", "TensorCoreKernels.ForwardSmall", "TensorCoreKernels.ForwardSmall"],
            queue.Names);
        Assert.Equal(-1, copy.Find(Room));
    }

    /// <summary>Rounding is the hardware's: to nearest, ties to even, and what is no number stays none.</summary>
    [Theory]
    [InlineData("pocl")]
    [InlineData("ptx")]
    public void Rounding_is_to_nearest_even(string kind)
    {
        uint[] bits = [0x3F80_0000, 0x3F80_8000, 0x3F81_8000, 0x3F80_8001, 0x8000_0000, 0x7F80_0000, 0xFF80_0000, 0x7F7F_FFFF, 0x7F80_0001, 0xFFFF_FFFF, 0x0000_0001, 0xBF80_7FFF, 0, 0, 0, 0];
        uint[] expected = [0x3F80_3F80, 0x3F81_3F82, 0x7F80_8000, 0x7F80_FF80, 0x7FFF_7FFF, 0xBF80_0000, 0, 0];
        using var open = GpuTest.Open(kind, 64);
        open.Queue.Upload([.. bits.Select(BitConverter.UInt32BitsToSingle)], 0);
        new Bfloat16Copy(0, bits.Length, 32).Refresh(open.Queue);
        var result = new float[bits.Length / 2];
        open.Queue.Download(32, result);
        Assert.Equal(expected, result.Select(BitConverter.SingleToUInt32Bits));
    }

    private static float[] Run(string kind, int rows, int k, int n, float[] memory, string forms, bool bfloat16, out IReadOnlyList<string> names)
    {
        var ptx = new PtxQueue(4 * Room, 16);
        long x = Form('x', Room), d = Form('d', Room + (Room / 2)), y = Form('y', 2 * Room);
        ptx.Upload(WithForms(memory, x, d, y), 0);
        var queue = new Recorder(ptx) { Bfloat16Weights = bfloat16 ? new Bfloat16Copy(0, Room, 3 * Room) : null };
        var isGradient = kind.EndsWith("gradient", StringComparison.Ordinal);
        if (kind.StartsWith("split", StringComparison.Ordinal))
        {
            Assert.InRange(kind == "split gradient" ? MatMul.GradientSplits(rows, k, n) : MatMul.GradientSplits(Samples * n, rows, k), 2, int.MaxValue);
        }

        var worker = new Worker(0, default, 0, 1, queue);
        Ref weight = GpuQueue.Place(0), atX = GpuQueue.Place(x), atD = GpuQueue.Place(d), atY = GpuQueue.Place(y);
        switch (kind)
        {
            case "rows":
                MatMul.Rows(worker, atX, k, weight, atY, n, rows, k, n, accumulate: true);
                break;
            case "backward":
                MatMul.RowsBackward(worker, atX, k, weight, atY, n, rows, k, n, accumulate: false);
                break;
            case "columns" or "columns backward":
                // Y[rows, n] from W[rows, k] or its transpose and X[k, n].
                var isBackward = kind != "columns";
                MatMul.Columns(worker, weight, isBackward ? rows : k, atX, n, k * n, atY, n, rows * n, Samples, rows, k, n, isBackward, accumulate: isBackward);
                break;
            case "columns gradient" or "split columns gradient":
                // dW[rows, k] from dy[rows, n] and x[k, n].
                MatMul.TokenWeightGradient(worker, 0, atD, n, rows * n, atX, n, k * n, Samples, n, atY, rows, k);
                break;
            default:
                // dW[k, n] from dy[rows, k] and x[rows, n].
                MatMul.WeightGradient(worker, 0, atD, k, atX, n, rows, atY, k, n);
                break;
        }

        var isAlongTokens = kind.Contains("columns", StringComparison.Ordinal);
        var result = new float[(isGradient, isAlongTokens) switch
        {
            (false, false) => rows * n,
            (false, true) => Samples * rows * n,
            (true, false) => k * n,
            (true, true) => rows * k,
        }];
        queue.Download(0, memory = new float[3 * Room]);
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = ElementMemory.Get(memory, y + i);
        }

        names = queue.Names;
        return result;

        long Form(char operand, int floats) => forms.Contains(operand, StringComparison.Ordinal) ? Bfloat16Place.Of(floats) : floats;
    }

    /// <summary>The same values where operands are bfloat16, from the operands' places on.</summary>
    private static float[] WithForms(float[] memory, params ReadOnlySpan<long> places)
    {
        var formed = (float[])memory.Clone();
        foreach (var place in places)
        {
            for (var i = 0; Bfloat16Place.Is(place) && i < Room / 2; i++)
            {
                ElementMemory.Set(formed, place + i, memory[(Bfloat16Place.Element(place) / 2) + i]);
            }
        }

        return formed;
    }

    /// <summary>Notes launches, and hands them on.</summary>
    private sealed class Recorder(GpuQueue? inner = null) : ForwardingQueue(inner)
    {
        private readonly List<string> names = [];

        public IReadOnlyList<string> Names => names;

        public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
        {
            names.Add(KernelCatalog.Name(kernel.Method));
            base.Launch(kernel, groups, groupSize, arguments);
        }
    }
}
