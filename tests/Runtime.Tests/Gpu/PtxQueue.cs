using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using Graph.Execution;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Kernels as CUDA would get them, run by the PTX interpreter on host memory. A launch is done when it returns, and throws at the first access
/// out of bounds, race, divergent barrier or read of unwritten shared memory.
/// </summary>
internal sealed class PtxQueue : GpuQueue
{
    private static readonly ConcurrentDictionary<MethodInfo, Lazy<PtxKernel>> Kernels = new();

    /// <summary>Floats behind the caller's, for tables and then scratch.</summary>
    private const int Reserve = 1 << 20;

    private readonly Dictionary<object, Ref> tables = new(ReferenceEqualityComparer.Instance);
    private readonly PtxMachine machine = new();
    private readonly byte[] floats;
    private readonly byte[] integers;
    private readonly ulong floatsAt;
    private readonly ulong integersAt;
    private long reserved;

    /// <param name="floatCount">Floats of device memory, all zero.</param>
    /// <param name="integerCount">Integers of device memory.</param>
    public PtxQueue(long floatCount, long integerCount)
    {
        reserved = (floatCount + 63) / 64 * 64;
        floats = new byte[(reserved + Reserve) * sizeof(float)];
        integers = new byte[integerCount * sizeof(int)];
        floatsAt = machine.Add("floats", floats);
        integersAt = machine.Add("integers", integers);
    }

    /// <summary>Instructions executed, each counted once a thread.</summary>
    public long Executed => machine.Executed;

    /// <summary>The only kernel of a text.</summary>
    public static PtxKernel Parse(string ptx) => PtxModule.Parse(ptx).Kernels.Single();

    public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        Launch(Kernels.GetOrAdd(kernel.Method, method => new(() => Parse(OfflineCompiler.Ptx(method)))).Value, groups, groupSize, arguments);
    }

    /// <summary>Runs a kernel whose text need not be what the compiler made: for mutants.</summary>
    public void Launch(PtxKernel kernel, long groups, int groupSize, in GpuArguments arguments)
    {
        if (groups == 0)
        {
            return;
        }

        // A view is its address and its length; the arguments follow as they lie in memory.
        ulong[] views = [floatsAt, (ulong)(floats.Length / sizeof(float)), integersAt, (ulong)(integers.Length / sizeof(int))];
        byte[] values = [.. MemoryMarshal.AsBytes<ulong>(views), .. MemoryMarshal.AsBytes(new ReadOnlySpan<GpuArguments>(in arguments))];
        machine.Launch(kernel, checked((int)groups), groupSize, values);
    }

    public override void Upload(ReadOnlySpan<float> values, long offset) => values.CopyTo(MemoryMarshal.Cast<byte, float>(floats.AsSpan())[(int)offset..]);

    public override void Upload(ReadOnlySpan<int> values, long offset) => values.CopyTo(MemoryMarshal.Cast<byte, int>(integers.AsSpan())[(int)offset..]);

    public override void Download(long offset, Span<float> values) => MemoryMarshal.Cast<byte, float>(floats.AsSpan()).Slice((int)offset, values.Length).CopyTo(values);

    public override Ref Table(object key, Func<float[]> make)
    {
        if (!tables.TryGetValue(key, out var place))
        {
            var values = make();
            Upload(values, reserved);
            tables[key] = place = Place(reserved);
            reserved += (values.Length + 63) / 64 * 64;
        }

        return place;
    }

    public override Ref Scratch(long count)
    {
        Assert.InRange(count, 0, (floats.Length / sizeof(float)) - reserved);
        return Place(reserved);
    }

    public override void Synchronize()
    {
    }
}
