namespace Graph.Samples.Commands;

/// <summary>
/// A score of puzzles without augmented forms. Of several checkpoints' grids for a puzzle the one with the most votes counts; of equally
/// many that with the largest sum of q, then the first checkpoint's.
/// </summary>
/// <param name="checkpoints">How many will predict; predictions of one are scored at once and not kept.</param>
internal abstract class GridVoteScore(int checkpoints) : PuzzleScore
{
    private readonly SortedDictionary<int, Ballot> ballots = [];

    public string Label => checkpoints == 1 ? "single checkpoint" : $"ensemble of {checkpoints} checkpoints";

    public override void BeginCheckpoint()
    {
    }

    public override void Add(int example, string identifier, ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, double q)
    {
        if (checkpoints == 1)
        {
            Score(tokens, labels, predicted);
            return;
        }

        if (!ballots.TryGetValue(example, out var ballot))
        {
            ballots[example] = ballot = new Ballot(Bytes(tokens), Bytes(labels), []);
        }

        var grid = Bytes(predicted);
        var at = ballot.Grids.FindIndex(other => other.Grid.AsSpan().SequenceEqual(grid));
        if (at < 0)
        {
            ballot.Grids.Add((grid, 1, q));
        }
        else
        {
            ballot.Grids[at] = (grid, ballot.Grids[at].Votes + 1, ballot.Grids[at].Q + q);
        }
    }

    public override void End(Report report)
    {
        foreach (var ballot in ballots.Values)
        {
            // A stable order: the first of equals stays the first.
            var best = ballot.Grids.OrderByDescending(grid => grid.Votes).ThenByDescending(grid => grid.Q).First();
            Score(Ints(ballot.Tokens), Ints(ballot.Labels), Ints(best.Grid));
        }

        AddNumbers(report);
    }

    protected abstract void Score(ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted);

    protected abstract void AddNumbers(Report report);

    /// <summary>Tokens of these puzzles are few, and every cell has a label.</summary>
    private static byte[] Bytes(ReadOnlySpan<int> tokens)
    {
        var bytes = new byte[tokens.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)tokens[i];
        }

        return bytes;
    }

    private static int[] Ints(byte[] bytes) => Array.ConvertAll(bytes, value => (int)value);

    private sealed record Ballot(byte[] Tokens, byte[] Labels, List<(byte[] Grid, int Votes, double Q)> Grids);
}
