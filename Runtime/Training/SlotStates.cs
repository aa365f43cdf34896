using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// The states of all slots of a run. With one micro-batch they live in the model; with several, the model holds one micro-batch at a
/// time and the others wait here.
/// </summary>
internal sealed class SlotStates
{
    private readonly RecursiveModel _model;
    private readonly float[][] _values;

    public SlotStates(RecursiveModel model, int microBatches)
    {
        _model = model;
        _values = microBatches == 1 ? [] : [.. model.States.Select(state => new float[checked((int)(state.Port.Count * microBatches))])];
    }

    /// <summary>State number <paramref name="index"/> of all slots, [slots, t, d].</summary>
    public Span<float> Of(int index) => _values.Length == 0 ? _model.Floats(_model.States[index].Port) : _values[index];

    /// <summary>Puts a micro-batch's states into the model.</summary>
    public void Load(int microBatch) => Copy(microBatch, load: true);

    /// <summary>Takes a micro-batch's states out of the model.</summary>
    public void Store(int microBatch) => Copy(microBatch, load: false);

    private void Copy(int microBatch, bool load)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            Span<float> inside = _model.Floats(_model.States[i].Port);
            Span<float> outside = _values[i].AsSpan(microBatch * inside.Length, inside.Length);
            if (load)
            {
                outside.CopyTo(inside);
            }
            else
            {
                inside.CopyTo(outside);
            }
        }
    }
}
