using Graph.Execution;
using Graph.Operators;
using Graph.Ptx;

namespace Graph.Tests.Gpu;

/// <summary>Hands launches on to a queue, and may change what a kernel gets or what it is: planted mistakes.</summary>
/// <param name="inner">Runs them; null: they are only noted.</param>
internal sealed class PairQueue(GpuQueue? inner) : ForwardingQueue(inner)
{
    private readonly List<string> names = [];

    /// <summary>Kernels launched, in order.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>Applied to every launch's arguments.</summary>
    public Func<GpuArguments, GpuArguments>? Arguments { get; init; }

    /// <summary>Applied to the PTX of the kernels of tensor cores; <paramref name="inner"/> is the interpreter.</summary>
    public Func<string, string>? Text { get; init; }

    /// <summary>Kernels of tensor cores run in their large tile, which sizes choose that are too many for the interpreter.</summary>
    public bool IsLarge { get; init; }

    public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
    {
        var changed = Arguments is null ? arguments : Arguments(arguments);
        if (IsLarge && kernel.Method.Name.EndsWith("Small", StringComparison.Ordinal))
        {
            kernel = typeof(TensorCoreKernels).GetMethod(kernel.Method.Name.Replace("Small", "", StringComparison.Ordinal))!.CreateDelegate<GpuKernel>();
            (changed.I7, changed.I8) = (Tiles(changed.I1), Tiles(changed.I0));
            (groups, groupSize) = (changed.I7 * changed.I8, TensorCoreKernels.LargeThreads);
        }

        names.Add(KernelCatalog.Name(kernel.Method));
        if (Text is not null && names[^1].StartsWith("TensorCore", StringComparison.Ordinal))
        {
            ((PtxQueue)Inner).Launch(PtxQueue.Parse(Text(OfflineCompiler.Ptx(kernel.Method))), groups, groupSize, changed);
            return;
        }

        base.Launch(kernel, groups, groupSize, changed);
    }

    private static int Tiles(int extent) => (extent + TensorCoreKernels.LargeTile - 1) / TensorCoreKernels.LargeTile;
}
