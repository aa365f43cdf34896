namespace Graph.Training;

/// <summary>Fills a tensor's elements from <paramref name="offset"/> on; called with consecutive pieces while the file is written.</summary>
public delegate void TensorSource<T>(long offset, Span<T> destination);
