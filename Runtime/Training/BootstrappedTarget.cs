using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// Target of the continue head (trm.md 2.3): σ of the next step's halting logit at the last step, else of the larger of both logits. The
/// next step is an inner pass without gradient on the new states and the same data.
/// </summary>
/// <remarks>
/// A model's step computes gradients along with its values, so the new states come from a pass of their own: with this head a training
/// step costs three forward passes.
/// </remarks>
internal sealed class BootstrappedTarget
{
    /// <summary>Forward passes of a target.</summary>
    public const int Passes = 2;

    private readonly RecursiveModel _model;
    private readonly ModelPorts _ports;
    private readonly int _maxSteps;
    private readonly float[][] _saved;

    public BootstrappedTarget(RecursiveModel model, ModelPorts ports, int maxSteps)
    {
        _model = model;
        _ports = ports;
        _maxSteps = maxSteps;
        _saved = [.. model.States.Select(state => new float[checked((int)state.Port.Count)])];
    }

    /// <summary>Fills the model's target from its inputs and states, which stay as they are.</summary>
    /// <param name="stepsBefore">[batch]: supervision steps already spent on each slot's sample.</param>
    public void Fill(ReadOnlySpan<int> stepsBefore)
    {
        for (int i = 0; i < _saved.Length; i++)
        {
            _model.Floats(_model.States[i].Port).CopyTo(_saved[i]);
        }

        for (int pass = 0; pass < Passes; pass++)
        {
            _model.Step(gradient: false);
        }

        ReadOnlySpan<float> next = _model.Floats(_ports.Halt);
        Span<float> target = _model.Floats(_ports.ContinueTarget!);
        for (int slot = 0; slot < target.Length; slot++)
        {
            (float halt, float goOn) = (next[2 * slot], next[(2 * slot) + 1]);
            bool last = stepsBefore[slot] + 1 >= _maxSteps;
            target[slot] = (float)(1 / (1 + Math.Exp(-(double)(last ? halt : Math.Max(halt, goOn)))));
        }

        for (int i = 0; i < _saved.Length; i++)
        {
            _saved[i].CopyTo(_model.Floats(_model.States[i].Port));
        }
    }
}
