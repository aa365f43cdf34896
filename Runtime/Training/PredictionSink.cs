namespace Graph.Training;

/// <summary>Takes the prediction of one sample from <see cref="Evaluator"/>.</summary>
/// <param name="sample">Index of the sample in the call.</param>
/// <param name="predicted">[cells] predicted tokens; valid only during the call.</param>
/// <param name="haltProbability">q: the sigmoid of the halt logit, 0 to 1, taken in double precision (trm.md 6.1).</param>
public delegate void PredictionSink(int sample, ReadOnlySpan<int> predicted, double haltProbability);
