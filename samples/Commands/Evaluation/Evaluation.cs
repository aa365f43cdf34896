using Graph.Models.Puzzles;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>Runs the examples of a split through an evaluator, part by part: a whole ARC test split would not fit into memory.</summary>
internal static class Evaluation
{
    /// <summary>Examples of a part, about: slots that are free early are filled again within one.</summary>
    private const int Part = 256;

    /// <param name="evaluator">Predicts.</param>
    /// <param name="data">The split.</param>
    /// <param name="batch">The model's.</param>
    /// <param name="vectors">True: the model takes puzzle vectors.</param>
    /// <param name="limit">Examples at most; 0: all.</param>
    /// <param name="sink">Takes every prediction; null: only the sums are wanted.</param>
    /// <param name="progress">Called after each part with the number of examples done.</param>
    public static EvaluationResult Run(Evaluator evaluator, PuzzleDataSet data, int batch, bool vectors, int limit, SampleSink? sink, Action<int>? progress = null)
    {
        var cells = data.Metadata.SeqLen;
        var part = new PuzzleBatch(batch * Math.Max(1, Part / batch), cells);
        var batches = new EvaluationBatches(data, part.Rows, RankSlice.All);
        EvaluationResult sum = default;
        var done = 0;
        while ((limit == 0 || done < limit) && batches.Next(part))
        {
            var rows = limit == 0 ? part.Valid : Math.Min(part.Valid, limit - done);
            var first = done;
            var result = evaluator.Run(
                part.Tokens.AsSpan(0, rows * cells),
                part.Labels.AsSpan(0, rows * cells),
                vectors ? part.PuzzleIdentifiers.AsSpan(0, rows) : [],
                sink: sink is null ? null : (row, predicted, q) => sink(
                    first + row,
                    data.Identifiers[part.PuzzleIdentifiers[row]],
                    part.Tokens.AsSpan(row * cells, cells),
                    part.Labels.AsSpan(row * cells, cells),
                    predicted,
                    q));
            sum = new EvaluationResult(sum.Count + result.Count, sum.Exact + result.Exact, sum.Cells + result.Cells, sum.RightCells + result.RightCells, sum.LmLoss + result.LmLoss)
            {
                Steps = sum.Steps + result.Steps,
                HaltAccuracy = sum.HaltAccuracy + result.HaltAccuracy,
            };
            done += rows;
            progress?.Invoke(done);
        }

        return sum;
    }
}
