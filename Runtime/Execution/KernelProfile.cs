using System.Diagnostics;

namespace Graph.Execution;

/// <summary>Launches, work and time of a device's kernels by name, for <c>samples/Bench -- gpu</c>.</summary>
public sealed class KernelProfile
{
    private readonly Dictionary<GpuKernel, Entry> entries = new(ReferenceEqualityComparer.Instance);

    /// <summary>In order of first launch. Kernels of one name (one emitted text at several sizes, one tile with several loads) are one line.</summary>
    public IEnumerable<KernelWork> Kernels => entries.GroupBy(e => NameOf(e.Key)).Select(group => new KernelWork(
        group.Key,
        group.Sum(e => e.Value.Launches),
        group.Sum(e => e.Value.Flops),
        group.Sum(e => e.Value.Bytes),
        (double)group.Sum(e => e.Value.Ticks) / Stopwatch.Frequency,
        new KernelResources(group.Max(e => e.Value.Resources.Registers), group.Max(e => e.Value.Resources.SpilledBytes))));

    public void Clear() => entries.Clear();

    /// <summary>Notes what a launch works at least.</summary>
    public void Work(GpuKernel kernel, double flops, double bytes)
    {
        var entry = Of(kernel);
        entry.Flops += flops;
        entry.Bytes += bytes;
    }

    /// <summary>Notes a launch, how long it took, and what its threads take.</summary>
    public void Launched(GpuKernel kernel, long ticks, KernelResources resources = default)
    {
        var entry = Of(kernel);
        entry.Resources = resources;
        entry.Launches++;
        entry.Ticks += ticks;
    }

    private Entry Of(GpuKernel kernel) => entries.TryGetValue(kernel, out var entry) ? entry : entries[kernel] = new Entry();

    /// <summary>
    /// Emitted kernels are all called Gpu, in a class named after the user's node. A kernel that is generic over the way it multiplies is named
    /// after tensor cores where it uses them.
    /// </summary>
    private static string NameOf(GpuKernel kernel)
    {
        var way = Array.Find(kernel.Method.GetGenericArguments(), argument => argument.Name.StartsWith("TensorCore", StringComparison.Ordinal));
        var type = (way ?? kernel.Method.DeclaringType!).Name.Split('`')[0];
        var method = kernel.Method.Name.Replace("Kernel", "", StringComparison.Ordinal);
        return method is "Gpu" or "" ? type : $"{type}.{method}";
    }

    private sealed class Entry
    {
        public long Launches { get; set; }

        public double Flops { get; set; }

        public double Bytes { get; set; }

        public long Ticks { get; set; }

        public KernelResources Resources { get; set; }
    }
}

/// <summary>A kernel's share of a step.</summary>
/// <param name="Name">Operator and kernel, or the node of an emitted one.</param>
/// <param name="Launches">Launches.</param>
/// <param name="Flops">Floating-point operations of its products; 0 for kernels that only move memory.</param>
/// <param name="Bytes">Bytes to and from memory if everything is moved once.</param>
/// <param name="Seconds">Time, each launch waited for; 0 where nothing ran.</param>
/// <param name="Resources">Of its threads; the most where several kernels have the name.</param>
public sealed record KernelWork(string Name, long Launches, double Flops, double Bytes, double Seconds, KernelResources Resources);
