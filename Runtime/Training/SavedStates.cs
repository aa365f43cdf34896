using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// A copy of the states that a model carries, for steps that are taken back. It lies where the model runs: on a device no state goes through the host, and its
/// memory has room for one copy, which is one at a time.
/// </summary>
internal sealed class SavedStates(RecursiveModel model)
{
    private readonly GpuMemory? _device = (model as CompiledProgram)?.Memory as GpuMemory;
    private readonly float[][] _values =
        model is CompiledProgram { Memory: GpuMemory } ? [] : [.. model.States.Select(state => new float[checked((int)state.Port.Count)])];

    public void Save()
    {
        _device?.SaveStates();
        for (int i = 0; i < _values.Length; i++)
        {
            model.Floats(model.States[i].Port).CopyTo(_values[i]);
        }
    }

    public void Restore()
    {
        _device?.RestoreStates();
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i].CopyTo(model.Floats(model.States[i].Port));
        }
    }
}
