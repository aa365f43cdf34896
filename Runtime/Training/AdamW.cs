using System.Numerics;
using System.Runtime.CompilerServices;
using Graph.Execution;

namespace Graph.Training;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), epsilon outside the root as in PyTorch.</summary>
public sealed class AdamW : Adam
{
    private readonly double _epsilon;
    private readonly Rule _rule;

    /// <param name="count">Length of the weight arena.</param>
    /// <param name="beta1">Decay of the first moment, in [0, 1).</param>
    /// <param name="beta2">Decay of the second moment, in [0, 1).</param>
    /// <param name="weightDecay">Decoupled decay: a step multiplies weights by 1 - learning rate · this.</param>
    /// <param name="epsilon">Added to the root of the second moment; above 0.</param>
    public AdamW(int count, double beta1 = 0.9, double beta2 = 0.999, double weightDecay = 0.01, double epsilon = 1e-8)
        : base(count, beta1, beta2, weightDecay)
    {
        Require.Range("epsilon", epsilon, float.Epsilon, 1);
        _epsilon = epsilon;
        _rule = new Rule((float)epsilon);
    }

    public override string Name => "adamw";

    public override void Update(int offset, Span<float> weights, ReadOnlySpan<float> gradients, float gradientScale = 1, bool decay = true, double rateFactor = 1) =>
        Update(_rule, offset, weights, gradients, gradientScale, decay, rateFactor);

    private protected override void Update(GpuQueue queue, Ref weights, Ref gradients, Ref m, Ref v, long count, in GpuAdamStep step, bool decay, Ref gradientScale) =>
        GpuAdam.Decoupled(queue, weights, gradients, m, v, count, step, _epsilon, decay, gradientScale);

    private readonly struct Rule(float epsilon) : IRule
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Direction(Vector<float> m, Vector<float> root) => m / (root + new Vector<float>(epsilon));
    }
}
