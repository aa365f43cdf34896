using Graph.Execution;

namespace Graph.Training;

/// <summary><see cref="WeightUpdate"/> on a device: gradients, moments and averages never leave it, and the host waits for nothing of its own.</summary>
internal sealed class GpuWeightUpdate
{
    private readonly GpuMemory _memory;
    private readonly GpuQueue _queue;
    private readonly Adam _optimizer;
    private readonly Ema? _ema;
    private readonly double _clipNorm;
    private readonly (int Offset, int Length, bool Decays, double RateFactor)[] _ranges;
    private readonly Ref _partial;
    private readonly int _length;

    /// <param name="memory">A device's.</param>
    /// <param name="options">Clipping.</param>
    /// <param name="optimizer">Moves the weights.</param>
    /// <param name="ema">Follows them; null: nothing does.</param>
    /// <param name="ranges">Of the weights, with what the optimiser does there.</param>
    public GpuWeightUpdate(GpuMemory memory, TrainerOptions options, Adam optimizer, Ema? ema, (int Offset, int Length, bool Decays, double RateFactor)[] ranges)
    {
        _memory = memory;
        _queue = memory.Gpu;
        _optimizer = optimizer;
        _ema = ema;
        _clipNorm = options.ClipNorm;
        _ranges = Joined(ranges);
        _length = checked((int)memory.Plan.WeightFloats);
        _partial = _queue.Table(_ranges, () => new float[GpuGradientNorm.Scratch]);
    }

    /// <summary>Called when the gradients are complete: queues their norm, where clipping is on, so that it comes with the losses.</summary>
    public void MeasureGradients()
    {
        if (_clipNorm > 0)
        {
            GpuGradientNorm.Of(_queue, _memory.Gradients, _length, _clipNorm, _partial, _memory.Report);
        }
    }

    /// <summary>Norm of the gradients, 0 where clipping is off. It came with the losses: reading it waits for nothing.</summary>
    public double Norm() => _clipNorm > 0 ? _memory.HostReport[0] : 0;

    /// <summary>One optimiser step; the norm, where clipping is on, is that of the last <see cref="MeasureGradients"/>.</summary>
    public void Apply(double learningRate)
    {
        _optimizer.BeginStep(learningRate);
        foreach ((int offset, int length, bool decays, double rateFactor) in _ranges)
        {
            _optimizer.Update(_queue, offset, length, _memory.Weights + offset, _memory.Gradients + offset, _clipNorm > 0 ? _memory.Report + 1 : default, decays, rateFactor);
        }

        if (_ema is not null)
        {
            GpuVector.Average(_queue, _ema.On(_queue), _memory.Weights, _length, _ema.Rate);
        }

        _memory.WeightsMoved();
    }

    /// <summary>Neighbours with equal settings are one launch. The padding between parameters is zero and stays so.</summary>
    private static (int Offset, int Length, bool Decays, double RateFactor)[] Joined((int Offset, int Length, bool Decays, double RateFactor)[] ranges)
    {
        var joined = new List<(int Offset, int Length, bool Decays, double RateFactor)>();
        foreach (var range in ranges)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Decays == range.Decays && last.RateFactor == range.RateFactor)
            {
                joined[^1] = last with { Length = range.Offset + range.Length - last.Offset };
            }
            else
            {
                joined.Add(range);
            }
        }

        return [.. joined];
    }
}
