namespace Graph.Samples.Commands;

/// <summary>Takes the prediction of one example.</summary>
/// <param name="example">Number of the example.</param>
/// <param name="identifier">Name of its puzzle.</param>
/// <param name="tokens">What the model was given.</param>
/// <param name="labels">The right tokens; -100: none.</param>
/// <param name="predicted">What it predicted.</param>
/// <param name="q">Halt probability.</param>
internal delegate void SampleSink(int example, string identifier, ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, double q);
