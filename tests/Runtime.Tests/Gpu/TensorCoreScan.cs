using System.Reflection;
using Graph.Execution;
using Graph.Operators;
using Graph.Ptx;

namespace Graph.Tests.Gpu;

/// <summary>Both passes of a scan of random inputs on a queue with tensor cores, in the PTX interpreter, and what they should give.</summary>
internal sealed class TensorCoreScan
{
    /// <summary>In the norm, where factors are rounded alike: what falls between two values of eight bits may fall the other way.</summary>
    public const double Tolerance = 5e-4;

    private static readonly string[] Parts = ["xbc", "dt", "A_log", "D", "dy", "y", "dxbc", "ddt", "partial"];

    private readonly ScanSizes size;
    private readonly bool[] bfloat16;
    private readonly ScanInputs inputs;
    private readonly Lazy<ScanReference> exact;
    private readonly Lazy<ScanReference> rounded;

    /// <param name="size">Sizes.</param>
    /// <param name="bfloat16">Operands and results that lie as bfloat16 in device memory, among xbc dy y dxbc.</param>
    public TensorCoreScan(ScanSizes size, string bfloat16 = "")
    {
        this.size = size;
        this.bfloat16 = [.. Parts.Select(part => bfloat16.Split(' ').Contains(part))];
        var random = new Random(8);
        inputs = new(
            Operand(0, size.B * size.T * size.Width),
            Draw(size.B * size.T * size.Heads, 0.001, 0.1),
            Draw(size.Heads, -3, 1), // weak enough for chunks to reach their neighbours
            Draw(size.Heads, -1, 1),
            Operand(4, size.B * size.T * size.E));
        rounded = new(() => new(size, inputs, StoredValues.Round));
        exact = new(() => new(size, inputs, value => value));

        float[] Operand(int part, int count) => [.. Draw(count, -1, 1).Select(value => this.bfloat16[part] ? (float)StoredValues.Round(value) : value)];

        float[] Draw(int count, double from, double to) => [.. Enumerable.Range(0, count).Select(_ => (float)(from + ((to - from) * random.NextDouble())))];
    }

    /// <summary>From factors as bfloat16 has them.</summary>
    public ScanReference Rounded => rounded.Value;

    /// <summary>From factors as they are.</summary>
    public ScanReference Exact => exact.Value;

    /// <summary>Bank conflicts of the last run's matrix loads.</summary>
    public long Conflicts { get; private set; }

    /// <summary>The queue allows tensor cores.</summary>
    public bool OnTensorCores { get; init; } = true;

    /// <summary>What a scan may pass between its kernels, in floats.</summary>
    public long Room { get; init; } = 1 << 24;

    /// <summary>Instructions of the last run, each counted once a thread.</summary>
    public long Executed { get; private set; }

    /// <summary>Bytes that the last run said it moves at least.</summary>
    public double Bytes { get; private set; }

    /// <summary>Kernels of the last run that multiply.</summary>
    public IReadOnlySet<string> Kernels { get; private set; } = new HashSet<string>();

    /// <summary>y, dxbc, ddt and partial.</summary>
    /// <param name="instead">Kernels that run in place of others.</param>
    /// <exception cref="PtxException">The machine stopped.</exception>
    public float[][] Run(params (MethodInfo Kernel, PtxKernel Mutant)[] instead)
    {
        float[][] parts =
        [
            inputs.Xbc, inputs.Dt, inputs.ALog, inputs.D, inputs.Dy,
            NaN(size.B * size.T * size.E), NaN(size.B * size.T * size.Width), NaN(size.B * size.T * size.Heads), NaN(size.B * 2 * size.Heads),
        ];

        // Each starts at a multiple of four floats, with at least four of NaN before the next.
        var places = new long[parts.Length + 1];
        for (var i = 0; i < parts.Length; i++)
        {
            places[i + 1] = places[i] + ((parts[i].Length + 7) / 4 * 4);
        }

        using var open = GpuTest.Open("ptx", places[^1]);
        var queue = open.Queue;
        (queue.Bfloat16Weights, queue.Profile) = (OnTensorCores ? new Bfloat16Copy(0, 0, 0) : null, new KernelProfile());
        queue.Upload(NaN((int)places[^1]), 0);
        for (var i = 0; i < parts.Length; i++)
        {
            queue.Upload(bfloat16[i] ? StoredValues.Pack(parts[i]) : parts[i], places[i]);
        }

        foreach (var (kernel, mutant) in instead)
        {
            open.Interpreter.Instead(kernel, mutant);
        }

        SsdShape shape = new(size.T, size.E, size.Heads, size.Groups, size.N, size.Chunk, size.Direction);
        SsdScan.Forward(queue, size.B, shape, At(0), At(1), At(2), At(3), At(5), Room);
        SsdScan.Backward(queue, size.B, shape, At(0), At(1), At(2), At(3), At(4), At(6), At(7), At(8), Room);
        Executed = (queue as PtxQueue)?.Executed ?? 0;
        Conflicts = (queue as PtxQueue)?.MatrixConflicts ?? 0;
        Bytes = queue.Profile.Kernels.Sum(kernel => kernel.Bytes);
        Kernels = queue.Profile.Kernels.Select(kernel => kernel.Name).ToHashSet();
        float[][] results = [.. parts.Skip(5)];
        for (var i = 0; i < results.Length; i++)
        {
            queue.Download(places[5 + i], results[i]);
            results[i] = bfloat16[5 + i] ? StoredValues.Unpack(results[i]) : results[i];
        }

        return results;

        Ref At(int part) => GpuQueue.Place(bfloat16[part] ? Bfloat16Place.Of(places[part]) : places[part]);

        static float[] NaN(int count) => [.. Enumerable.Repeat(float.NaN, count)];
    }

    /// <summary>Of each result in the norm; where it is stored as bfloat16, what is more than the rounding of a store.</summary>
    public Dictionary<string, double> Errors(float[][] actual, ScanReference expected)
    {
        // A row of dxbc is dx, dB and dC; of partial dA_log and dD.
        int width = size.Width, state = size.E + (size.Groups * size.N);
        return new()
        {
            ["y"] = Error(actual[0], expected.Y, bfloat16[5], _ => true),
            ["dx"] = Error(actual[1], expected.Dxbc, bfloat16[6], i => i % width < size.E),
            ["dB"] = Error(actual[1], expected.Dxbc, bfloat16[6], i => i % width >= size.E && i % width < state),
            ["dC"] = Error(actual[1], expected.Dxbc, bfloat16[6], i => i % width >= state),
            ["ddt"] = Error(actual[2], expected.Ddt, bfloat16[7], _ => true),
            ["dA_log"] = Error(actual[3], expected.Partial, bfloat16[8], i => i % (2 * size.Heads) < size.Heads),
            ["dD"] = Error(actual[3], expected.Partial, bfloat16[8], i => i % (2 * size.Heads) >= size.Heads),
        };
    }

    private static double Error(float[] actual, double[] expected, bool stored, Func<int, bool> has)
    {
        double difference = 0, whole = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            if (has(i))
            {
                difference += Math.Pow(stored ? StoredValues.MoreThanRounding(actual[i], expected[i]) : actual[i] - expected[i], 2);
                whole += expected[i] * expected[i];
            }
        }

        return Math.Sqrt(difference / whole);
    }
}
