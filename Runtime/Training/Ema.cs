using System.Numerics;
using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// Exponential moving average of the trainable weights: shadow = μ·shadow + (1 - μ)·w after every step, started at the first weights,
/// without bias correction (trm.md 4.4).
/// </summary>
public sealed class Ema
{
    private readonly MirroredFloats _shadow;
    private readonly double _rate;

    /// <param name="weights">Weights to start from.</param>
    /// <param name="rate">μ, in [0, 1).</param>
    public Ema(ReadOnlySpan<float> weights, double rate)
    {
        Require.Range("EMA rate", rate, 0, 1, upperInclusive: false);
        _rate = rate;
        _shadow = new MirroredFloats(weights.ToArray());
    }

    public Span<float> Shadow => _shadow.Host;

    /// <summary>μ.</summary>
    public double Rate => _rate;

    /// <summary>The average, for kernels of that queue.</summary>
    internal Ref On(GpuQueue queue) => _shadow.On(queue);

    /// <summary>Moves the average towards the weights.</summary>
    public void Update(ReadOnlySpan<float> weights) => Update(0, weights);

    /// <summary>Moves a range of the average, from element <paramref name="offset"/> on. Ranges may run on different threads.</summary>
    public void Update(int offset, ReadOnlySpan<float> weights)
    {
        float keep = (float)_rate;
        float take = (float)(1 - _rate);
        Span<float> shadow = _shadow.Host.Slice(offset, weights.Length);
        int i = 0;
        for (; i <= shadow.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            ((new Vector<float>(shadow[i..]) * keep) + (new Vector<float>(weights[i..]) * take)).CopyTo(shadow[i..]);
        }

        for (; i < shadow.Length; i++)
        {
            shadow[i] = (shadow[i] * keep) + (weights[i] * take);
        }
    }

    /// <summary>Exchanges weights and average; a second call undoes the first.</summary>
    public void Swap(Span<float> weights)
    {
        Span<float> shadow = Shadow;
        for (int i = 0; i < shadow.Length; i++)
        {
            (shadow[i], weights[i]) = (weights[i], shadow[i]);
        }
    }
}
