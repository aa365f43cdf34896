namespace Graph.Training;

/// <summary>Puts the raw weights back into the model when disposed.</summary>
public sealed class AveragedWeights : IDisposable
{
    private Trainer? _trainer;

    internal AveragedWeights(Trainer trainer) => _trainer = trainer;

    public void Dispose()
    {
        _trainer?.Exchange();
        _trainer = null;
    }
}
