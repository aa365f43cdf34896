using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// The emitted attention on tensor cores, where the queue allows them, heads are 32 or 64 wide and all operands lie as bfloat16; any other mix is
/// the portable kernels', with δ, a sum over memory. The backward rebuilds probabilities from the logarithms that the forward saves.
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
    public static GpuKernel? ForForward(GpuQueue queue, in GpuArguments a) => (Suits(queue, a.R0, a.R1), a.I3) switch
    {
        (true, 32) => Forward32,
        (true, 64) => Forward64,
        _ => null,
    };

    /// <summary>The backward's kernels, of queries and of keys; null where the portable ones must run.</summary>
    public static (GpuKernel Query, GpuKernel Key)? ForBackward(GpuQueue queue, in GpuArguments a) => (Suits(queue, a.R0, a.R3, a.R4), a.I3) switch
    {
        (true, 32) => (QueryGradient32, KeyGradient32),
        (true, 64) => (QueryGradient64, KeyGradient64),
        _ => null,
    };

    /// <summary>All lie as bfloat16, from multiples of 16 bytes on, the pieces that are copied; heads of these widths keep that.</summary>
    private static bool Suits(GpuQueue queue, params ReadOnlySpan<long> places)
    {
        foreach (long place in places)
        {
            if (!Bfloat16Place.Is(place) || (Bfloat16Place.Element(place) & 7) != 0)
            {
                return false;
            }
        }

        return queue.TensorCores;
    }
}
