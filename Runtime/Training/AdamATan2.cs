using System.Numerics;
using System.Runtime.CompilerServices;
using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// Adam with atan2 instead of a division (Everett et al., arXiv 2407.05872), in the form of imoneoi/adam-atan2 that TRM trains with:
/// a = b = 1, no epsilon, the first moment's bias correction outside the atan2 (trm.md 4.1). atan2(0, 0) = 0.
/// </summary>
public sealed class AdamATan2 : Adam
{
    /// <param name="count">Length of the weight arena.</param>
    /// <param name="beta1">Decay of the first moment, in [0, 1).</param>
    /// <param name="beta2">Decay of the second moment, in [0, 1).</param>
    /// <param name="weightDecay">Decoupled decay: a step multiplies weights by 1 - learning rate · this.</param>
    public AdamATan2(int count, double beta1 = 0.9, double beta2 = 0.95, double weightDecay = 0)
        : base(count, beta1, beta2, weightDecay)
    {
    }

    public override string Name => "adam-atan2";

    public override void Update(int offset, Span<float> weights, ReadOnlySpan<float> gradients, float gradientScale = 1, bool decay = true, double rateFactor = 1) =>
        Update(default(Rule), offset, weights, gradients, gradientScale, decay, rateFactor);

    private protected override void Update(GpuQueue queue, Ref weights, Ref gradients, Ref m, Ref v, long count, in GpuAdamStep step, bool decay, Ref gradientScale) =>
        GpuAdam.ATan2(queue, weights, gradients, m, v, count, step, decay, gradientScale);

    /// <summary>
    /// atan2(y, x) for x ≥ 0, relative error below 4e-7. The ratio is reduced to |q| ≤ tan(π/8) by one quotient, then takes the
    /// polynomial of Cephes' atanf (Moshier).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector<float> ATan2(Vector<float> y, Vector<float> x)
    {
        Vector<float> a = Vector.Abs(y);
        Vector<float> low = Vector.Min(a, x);
        Vector<float> high = Vector.Max(a, x);
        Vector<float> upper = Vector.AsVectorSingle(Vector.GreaterThan(low, high * 0.41421356f));
        Vector<float> q = Vector.ConditionalSelect(upper, low - high, low) / Vector.ConditionalSelect(upper, low + high, high);
        Vector<float> z = q * q;
        Vector<float> p = (z * 8.05374449538e-2f) - new Vector<float>(1.38776856032e-1f);
        p = (p * z) + new Vector<float>(1.99777106478e-1f);
        p = (p * z) - new Vector<float>(3.33329491539e-1f);
        p = (p * z * q) + q;
        p = Vector.ConditionalSelect(upper, p + new Vector<float>(MathF.PI / 4), p);
        p = Vector.ConditionalSelect(Vector.GreaterThan(a, x), new Vector<float>(MathF.PI / 2) - p, p);
        p = Vector.ConditionalSelect(Vector.Equals(high, Vector<float>.Zero), Vector<float>.Zero, p);
        return Vector.CopySign(p, y);
    }

    private readonly struct Rule : IRule
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Direction(Vector<float> m, Vector<float> root) => ATan2(m, root);
    }
}
