using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// The emitted attention on tensor cores, where the queue allows them and heads are 32 or 64 wide. The backward rebuilds probabilities from
/// the logarithms that the forward saves; δ, a sum over memory, is the portable kernel's.
/// </summary>
[TensorCoreAttention("Forward32", 32)]
[TensorCoreAttention("Forward64", 64)]
[TensorCoreAttention("QueryGradient32", 32, AttentionPart.QueryGradient)]
[TensorCoreAttention("QueryGradient64", 64, AttentionPart.QueryGradient)]
[TensorCoreAttention("KeyGradient32", 32, AttentionPart.KeyGradient)]
[TensorCoreAttention("KeyGradient64", 64, AttentionPart.KeyGradient)]
internal static partial class TensorCoreAttention
{
    public const int Threads = 128;

    /// <summary>The forward's kernel for these arguments, of the attribute's meaning; null where the portable one must run.</summary>
    public static GpuKernel? ForForward(GpuQueue queue, in GpuArguments a) => (Loads(queue, a) && (a.R1 & 1) == 0, a.I3) switch
    {
        (true, 32) => Forward32,
        (true, 64) => Forward64,
        _ => null,
    };

    /// <summary>The backward's kernels, of queries and of keys; null where the portable ones must run.</summary>
    public static (GpuKernel Query, GpuKernel Key)? ForBackward(GpuQueue queue, in GpuArguments a) => (Loads(queue, a) && (a.R3 & 3) == 0 && (a.R4 & 1) == 0, a.I3) switch
    {
        (true, 32) => (QueryGradient32, KeyGradient32),
        (true, 64) => (QueryGradient64, KeyGradient64),
        _ => null,
    };

    /// <summary>Loads are pieces of 16 bytes.</summary>
    private static bool Loads(GpuQueue queue, in GpuArguments a) => queue.TensorCores && (a.R0 & 3) == 0 && (a.I1 & 3) == 0;
}
