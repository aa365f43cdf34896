using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>Predicts single puzzles.</summary>
internal sealed class Solver(LoadedModel loaded, int steps, double threshold)
{
    private readonly Evaluator evaluator = new(loaded.Model, loaded.Puzzles, steps, threshold);

    /// <summary>Names of the puzzles that have a vector, by their row; empty: unknown.</summary>
    public IReadOnlyList<string> Identifiers => loaded.Identifiers;

    /// <param name="tokens">[puzzles, cells].</param>
    /// <param name="rows">Of the puzzle table, one a puzzle.</param>
    /// <param name="vocabulary">Tokens that the puzzle may have.</param>
    /// <param name="sink">Takes the predictions.</param>
    /// <exception cref="GraphException">The model is of other puzzles.</exception>
    public void Predict(int[] tokens, int[] rows, int vocabulary, PredictionSink sink)
    {
        loaded.Plan.RequireData(loaded.Model.Name, loaded.Model.Size, tokens.Length / rows.Length, vocabulary);
        evaluator.Run(tokens, Array.ConvertAll(tokens, _ => 0), loaded.Puzzles is null ? [] : rows, sink: sink);
    }

    /// <summary>The prediction for one puzzle that has no vector of its own.</summary>
    public int[] Predict(int[] tokens, int vocabulary)
    {
        var answer = new int[tokens.Length];
        Predict(tokens, [0], vocabulary, (_, predicted, _) => predicted.CopyTo(answer));
        return answer;
    }
}
