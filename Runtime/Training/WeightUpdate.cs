using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// Moves the trainable weights by the model's gradients, and their average. Everything is element-wise over fixed ranges, so neither the
/// partition nor the threads change a bit.
/// </summary>
internal sealed class WeightUpdate
{
    /// <summary>Elements of a unit: whole lanes, small enough to balance.</summary>
    private const int RangeLength = 1 << 16;

    private readonly RecursiveModel _model;
    private readonly IOptimizer _optimizer;
    private readonly Ema? _ema;
    private readonly double _clipNorm;
    private readonly (int Offset, int Length, bool Decays, double RateFactor)[] _ranges;
    private readonly CpuExecutor? _executor;
    private readonly GpuWeightUpdate? _gpu;

    /// <param name="model">Owns weights and gradients.</param>
    /// <param name="options">Groups and clipping.</param>
    /// <param name="optimizer">Moves the weights.</param>
    /// <param name="ema">Follows them; null: nothing does.</param>
    public WeightUpdate(RecursiveModel model, TrainerOptions options, IOptimizer optimizer, Ema? ema)
    {
        _model = model;
        _optimizer = optimizer;
        _ema = ema;
        _clipNorm = options.ClipNorm;
        ParameterGroup.Check(options.Groups, [.. model.Parameters.Select(p => p.Name)]);
        _ranges = [.. model.Parameters.SelectMany(p => Ranges(p, ParameterGroup.Of(p.Name, options.Groups)))];
        _executor = (model as CompiledProgram)?.Executor as CpuExecutor;
        if (model is CompiledProgram { Memory: GpuMemory memory } && optimizer is Adam adam)
        {
            _gpu = new GpuWeightUpdate(memory, options, adam, ema, _ranges);
        }
    }

    /// <summary>Called when the gradients are complete, before the host reads the step's results.</summary>
    public void MeasureGradients() => _gpu?.MeasureGradients();

    /// <summary>Norm of the gradients, 0 where clipping is off.</summary>
    public double Norm() => _gpu is not null ? _gpu.Norm() : _clipNorm > 0 ? GradientNorm.Of(_model.Gradients) : 0;

    /// <summary>One optimiser step.</summary>
    public void Apply(double learningRate, double norm)
    {
        if (_gpu is not null)
        {
            _gpu.Apply(learningRate);
            return;
        }

        _optimizer.BeginStep(learningRate);
        Run(new UpdateRange(this, _clipNorm > 0 ? GradientNorm.Scale(norm, _clipNorm) : 1));
        _model.WeightsChanged();
    }

    private void Run<T>(T launch)
        where T : struct, ILaunch
    {
        if (_executor is not null)
        {
            _executor.Run(launch, _ranges.Length);
            return;
        }

        for (int i = 0; i < _ranges.Length; i++)
        {
            launch.Run(default, i);
        }
    }

    private static IEnumerable<(int Offset, int Length, bool Decays, double RateFactor)> Ranges(Parameter parameter, ParameterGroup group)
    {
        (int offset, int count) = (checked((int)parameter.Offset), checked((int)parameter.Count));
        for (int first = 0; first < count; first += RangeLength)
        {
            yield return (offset + first, Math.Min(RangeLength, count - first), group.Decays, group.LearningRateFactor);
        }
    }

    private readonly struct UpdateRange(WeightUpdate update, float scale) : ILaunch
    {
        public void Run(in Worker worker, long unit)
        {
            (int offset, int length, bool decays, double rateFactor) = update._ranges[unit];
            Span<float> weights = update._model.Weights.Slice(offset, length);
            update._optimizer.Update(offset, weights, update._model.Gradients.Slice(offset, length), scale, decays, rateFactor);
            update._ema?.Update(offset, weights);
        }
    }
}
