using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using Graph.Execution;
using Graph.Ptx;

namespace Graph.Tests.Gpu;

/// <summary>
/// Kernels as CUDA would get them, run by the PTX interpreter on host memory. A launch is done when it returns, and throws at the first access
/// out of bounds, race, divergent barrier or read of unwritten shared memory.
/// </summary>
internal sealed class PtxQueue : GpuQueue
{
    private static readonly ConcurrentDictionary<MethodInfo, Lazy<PtxKernel>> Kernels = new();

    private readonly PtxMachine machine = new();
    private readonly Dictionary<object, Ref> tables = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<MethodInfo, PtxKernel> instead = [];
    private readonly byte[] integers;
    private readonly ulong floatsAt;
    private readonly ulong integersAt;
    private byte[] floats;

    // The program's floats, then the tables, then the scratch.
    private long used;

    /// <param name="floatCount">Floats of device memory, all zero.</param>
    /// <param name="integerCount">Integers of device memory.</param>
    public PtxQueue(long floatCount, long integerCount)
    {
        used = floatCount;
        floats = new byte[floatCount * sizeof(float)];
        integers = new byte[integerCount * sizeof(int)];
        floatsAt = machine.Add("floats", floats);
        integersAt = machine.Add("integers", integers);
    }

    /// <summary>Instructions executed, each counted once a thread.</summary>
    public long Executed => machine.Executed;

    /// <summary>Bank conflicts of matrix loads.</summary>
    public long MatrixConflicts => machine.MatrixConflicts;

    /// <summary>The only kernel of a text.</summary>
    public static PtxKernel Parse(string ptx) => PtxModule.Parse(ptx).Kernels.Single();

    public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var ptx = instead.GetValueOrDefault(kernel.Method) ?? Kernels.GetOrAdd(kernel.Method, method => new(() => Parse(OfflineCompiler.Ptx(method)))).Value;
        Launch(ptx, groups, groupSize, arguments);
    }

    /// <summary>From now on another kernel runs in place of one: a mutant among right ones.</summary>
    public PtxQueue Instead(MethodInfo kernel, PtxKernel other)
    {
        instead[kernel] = other;
        return this;
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

    public override void Synchronize()
    {
    }

    public override Ref Table(object key, Func<float[]> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        if (!tables.TryGetValue(key, out var place))
        {
            var values = make();
            var at = Reserve(values.Length);
            Upload(values, at);
            used = at + values.Length;
            tables[key] = place = Place(at);
        }

        return place;
    }

    /// <summary>Content that is not defined is NaN here.</summary>
    public override Ref Scratch(long count)
    {
        var at = Reserve(count);
        MemoryMarshal.Cast<byte, float>(floats.AsSpan()).Slice((int)at, (int)count).Fill(float.NaN);
        return Place(at);
    }

    /// <summary>Makes room for so many floats behind those in use, from a whole cache line on.</summary>
    private long Reserve(long count)
    {
        var at = (used + 63) & ~63L;
        if ((at + count) * sizeof(float) > floats.Length)
        {
            Array.Resize(ref floats, checked((int)((at + count) * sizeof(float))));
            machine.Replace(floatsAt, floats);
        }

        return at;
    }
}
