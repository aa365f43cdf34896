using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// What the optimisers of the trainable weights share: the moments, the bias corrections and the decoupled weight decay
/// (trm.md 4.1). Hyper-parameters are double, arithmetic is float32.
/// </summary>
public abstract class Adam : IOptimizer
{
    private readonly MirroredFloats _m;
    private readonly MirroredFloats _v;
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _weightDecay;

    // Scalars of the current step.
    private double _learningRate;
    private float _root;

    private protected Adam(int count, double beta1, double beta2, double weightDecay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Require.Range("beta1", beta1, 0, 1, upperInclusive: false);
        Require.Range("beta2", beta2, 0, 1, upperInclusive: false);
        Require.Range("weight decay", weightDecay, 0, double.MaxValue);
        _m = new MirroredFloats(new float[count]);
        _v = new MirroredFloats(new float[count]);
        _beta1 = beta1;
        _beta2 = beta2;
        _weightDecay = weightDecay;
    }

    public abstract string Name { get; }

    public long StepCount { get; set; }

    public Span<float> FirstMoment => _m.Host;

    public Span<float> SecondMoment => _v.Host;

    public virtual void BeginStep(double learningRate)
    {
        StepCount++;
        _learningRate = learningRate;
        _root = (float)(1 / Math.Sqrt(1 - Math.Pow(_beta2, StepCount)));
    }

    public abstract void Update(int offset, Span<float> weights, ReadOnlySpan<float> gradients, float gradientScale = 1, bool decay = true, double rateFactor = 1);

    /// <summary>The same update of a range that lies on a device.</summary>
    /// <param name="queue">The device's.</param>
    /// <param name="offset">First element in the arena.</param>
    /// <param name="count">Floats of the range.</param>
    /// <param name="weights">The range's weights.</param>
    /// <param name="gradients">The range's gradients.</param>
    /// <param name="gradientScale">Where the factor on the gradients is; null: 1.</param>
    /// <param name="decay">False: without weight decay.</param>
    /// <param name="rateFactor">Factor on the step's learning rate.</param>
    internal void Update(GpuQueue queue, int offset, int count, Ref weights, Ref gradients, Ref gradientScale, bool decay, double rateFactor)
    {
        double rate = _learningRate * rateFactor;
        var step = new GpuAdamStep((float)(1 - (rate * _weightDecay)), (float)StepSize(rate), _root, (float)(1 - _beta1), (float)(1 - _beta2));
        Update(queue, weights, gradients, _m.On(queue) + offset, _v.On(queue) + offset, count, step, decay, gradientScale);
    }

    private protected abstract void Update(GpuQueue queue, Ref weights, Ref gradients, Ref m, Ref v, long count, in GpuAdamStep step, bool decay, Ref gradientScale);

    /// <summary>Factor on the direction; here with the bias correction of the first moment.</summary>
    private protected virtual double StepSize(double learningRate) => learningRate / (1 - Math.Pow(_beta1, StepCount));

    /// <summary>The direction from the first moment and the corrected root of the second.</summary>
    private protected interface IRule
    {
        Vector<float> Direction(Vector<float> m, Vector<float> root);
    }

    private protected void Update<TRule>(TRule rule, int offset, Span<float> weights, ReadOnlySpan<float> gradients, float gradientScale, bool decay, double rateFactor)
        where TRule : struct, IRule
    {
        if (gradients.Length != weights.Length)
        {
            throw new ArgumentException($"{gradients.Length} gradients for {weights.Length} weights.", nameof(gradients));
        }

        int lanes = Vector<float>.Count;
        Span<float> m = _m.Host.Slice(offset, weights.Length);
        Span<float> v = _v.Host.Slice(offset, weights.Length);
        double rate = _learningRate * rateFactor;
        float keep = decay ? (float)(1 - (rate * _weightDecay)) : 1;
        var step = new Scalars(keep, (float)StepSize(rate), _root, gradientScale, (float)(1 - _beta1), (float)(1 - _beta2));
        ref float w0 = ref MemoryMarshal.GetReference(weights);
        ref float m0 = ref MemoryMarshal.GetReference(m);
        ref float v0 = ref MemoryMarshal.GetReference(v);
        ref float g0 = ref MemoryMarshal.GetReference(gradients);
        int i = 0;
        for (; i <= weights.Length - lanes; i += lanes)
        {
            UpdateLanes(rule, step, ref Unsafe.Add(ref w0, i), ref Unsafe.Add(ref m0, i), ref Unsafe.Add(ref v0, i), ref Unsafe.Add(ref g0, i));
        }

        int rest = weights.Length - i;
        if (rest > 0)
        {
            // The tail runs through the same vector code on padded copies: the same bits as anywhere else in a range.
            Span<float> pad = stackalloc float[4 * lanes];
            pad.Clear();
            weights[i..].CopyTo(pad);
            m[i..].CopyTo(pad[lanes..]);
            v[i..].CopyTo(pad[(2 * lanes)..]);
            gradients[i..].CopyTo(pad[(3 * lanes)..]);
            UpdateLanes(rule, step, ref pad[0], ref pad[lanes], ref pad[2 * lanes], ref pad[3 * lanes]);
            pad[..rest].CopyTo(weights[i..]);
            pad.Slice(lanes, rest).CopyTo(m[i..]);
            pad.Slice(2 * lanes, rest).CopyTo(v[i..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UpdateLanes<TRule>(TRule rule, in Scalars step, ref float w0, ref float m0, ref float v0, ref float g0)
        where TRule : struct, IRule
    {
        Vector<float> g = Vector.LoadUnsafe(ref g0) * step.GradientScale;
        Vector<float> m = Vector.LoadUnsafe(ref m0);
        Vector<float> v = Vector.LoadUnsafe(ref v0);
        m += (g - m) * step.Rate1;
        v += ((g * g) - v) * step.Rate2;
        m.StoreUnsafe(ref m0);
        v.StoreUnsafe(ref v0);
        Vector<float> direction = rule.Direction(m, Vector.SquareRoot(v) * step.Root);
        ((Vector.LoadUnsafe(ref w0) * step.Keep) - (direction * step.Size)).StoreUnsafe(ref w0);
    }

    private readonly record struct Scalars(float Keep, float Size, float Root, float GradientScale, float Rate1, float Rate2);
}
