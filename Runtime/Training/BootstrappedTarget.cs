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
    private readonly SavedStates _states;

    public BootstrappedTarget(RecursiveModel model, ModelPorts ports, int maxSteps)
    {
        _model = model;
        _ports = ports;
        _maxSteps = maxSteps;
        _states = new SavedStates(model);
    }

    /// <summary>
    /// Fills the model's target from its inputs and states, which stay as they are, and leaves <see cref="RecursiveModel.KeepsInputs"/> set: on a device the
    /// inputs are there now, and the target that kernels made must not be overwritten.
    /// </summary>
    /// <param name="stepsBefore">[batch]: supervision steps already spent on each slot's sample.</param>
    public void Fill(ReadOnlySpan<int> stepsBefore)
    {
        Span<float> target = _model.Floats(_ports.ContinueTarget!);
        for (int slot = 0; slot < target.Length; slot++)
        {
            target[slot] = stepsBefore[slot] + 1 >= _maxSteps ? 1 : 0;
        }

        _states.Save();
        for (int pass = 0; pass < Passes; pass++)
        {
            _model.Step(gradient: false);
            _model.KeepsInputs = true;
        }

        if (_model is CompiledProgram { Memory: GpuMemory memory } program)
        {
            GpuContinueTarget.Fill(memory.Gpu, program.Activations + _ports.Halt.Offset, program.Activations + _ports.ContinueTarget!.Offset, _model.Batch);
        }
        else
        {
            Fill(target, _model.Floats(_ports.Halt));
        }

        _states.Restore();
    }

    /// <param name="target">1 at the last step, else 0; takes the target.</param>
    /// <param name="next">Logits of the next step.</param>
    private static void Fill(Span<float> target, ReadOnlySpan<float> next)
    {
        for (int slot = 0; slot < target.Length; slot++)
        {
            (float halt, float goOn) = (next[2 * slot], next[(2 * slot) + 1]);
            target[slot] = (float)(1 / (1 + Math.Exp(-(double)(target[slot] > 0 ? halt : Math.Max(halt, goOn)))));
        }
    }
}
