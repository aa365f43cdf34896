using System.Numerics;
using System.Runtime.CompilerServices;
using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// Adam with atan2 in the form of lucidrains/adam-atan2-pytorch (trm.md 4.1): a = 1.27, b = 1, both bias corrections inside the atan2:
/// w -= lr · a · atan2(m / (1 - β1ᵗ), b · √(v / (1 - β2ᵗ))).
/// </summary>
/// <param name="count">Length of the weight arena.</param>
/// <param name="beta1">Decay of the first moment, in [0, 1).</param>
/// <param name="beta2">Decay of the second moment, in [0, 1).</param>
/// <param name="weightDecay">Decoupled decay: a step multiplies weights by 1 - learning rate · this.</param>
public sealed class ScaledAdamATan2(int count, double beta1 = 0.9, double beta2 = 0.95, double weightDecay = 0)
    : Adam(count, beta1, beta2, weightDecay)
{
    private const double A = 1.27;

    private readonly double _beta1 = beta1;
    private Rule _rule;

    public override string Name => "adam-atan2-1.27";

    public override void BeginStep(double learningRate)
    {
        base.BeginStep(learningRate);
        _rule = new Rule((float)(1 / FirstCorrection));
    }

    public override void Update(int offset, Span<float> weights, ReadOnlySpan<float> gradients, float gradientScale = 1, bool decay = true, double rateFactor = 1) =>
        Update(_rule, offset, weights, gradients, gradientScale, decay, rateFactor);

    private protected override void Update(GpuQueue queue, Ref weights, Ref gradients, Ref m, Ref v, long count, in GpuAdamStep step, bool decay, Ref gradientScale) =>
        GpuAdam.ATan2(queue, weights, gradients, m, v, count, step, decay, gradientScale, 1 / FirstCorrection);

    /// <summary>The first moment is corrected inside the atan2, so the step is not.</summary>
    private protected override double StepSize(double learningRate) => A * learningRate;

    private double FirstCorrection => 1 - Math.Pow(_beta1, StepCount);

    private readonly struct Rule(float correction) : IRule
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Direction(Vector<float> m, Vector<float> root) => AdamATan2.ATan2(m * correction, root);
    }
}
