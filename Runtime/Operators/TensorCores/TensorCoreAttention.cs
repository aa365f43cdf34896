using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// The emitted forward of attention on tensor cores, where the queue allows them and heads are 32 or 64 wide. The backward stays portable: it
/// rebuilds probabilities in float32 from the logarithms that this forward saves.
/// </summary>
[TensorCoreAttention("Forward32", 32)]
[TensorCoreAttention("Forward64", 64)]
internal static partial class TensorCoreAttention
{
    public const int Threads = 128;

    /// <summary>Queries of a group.</summary>
    public const int Side = 64;

    /// <summary>The kernel for these arguments, of the attribute's meaning; null where the portable one must run.</summary>
    public static GpuKernel? For(GpuQueue queue, in GpuArguments a) => (queue.TensorCores && (a.R0 & 3) == 0 && (a.I1 & 3) == 0 && (a.R1 & 1) == 0, a.I3) switch
    {
        (true, 32) => Forward32,
        (true, 64) => Forward64,
        _ => null,
    };
}
