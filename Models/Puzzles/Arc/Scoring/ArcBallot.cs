namespace Graph.Models.Puzzles;

/// <summary>
/// The votes for one test input. Most votes win; among equally many, the largest mean q; after that the first in the order of rows,
/// columns and cells. TRM breaks the last tie by what it saw first; here the order of the predictions changes nothing.
/// </summary>
/// <remarks>Holds one entry a distinct grid, however many predictions there are.</remarks>
public sealed class ArcBallot
{
    /// <summary>q in units of 2^-40: whole numbers add up to the same sum in any order; floating-point numbers do not.</summary>
    private const double QScale = 1L << 40;

    private readonly Dictionary<ArcGrid, (long Votes, long Q)> tallies = [];

    /// <summary>All votes.</summary>
    public long Votes { get; private set; }

    /// <summary>Distinct grids that got votes.</summary>
    public int Candidates => tallies.Count;

    /// <summary>-Σ p·ln p over the candidates' shares p of the votes, in nats: 0 where all agree, ln n where n candidates are level.</summary>
    public double Entropy
    {
        get
        {
            var entropy = 0.0;
            foreach (var candidate in Ranked())
            {
                var share = (double)candidate.Votes / Votes;
                entropy -= share * Math.Log(share);
            }

            return entropy;
        }
    }

    /// <summary>Adds a vote.</summary>
    /// <param name="grid">In the original task's colours and orientation.</param>
    /// <param name="q">Halt probability, 0 to 1.</param>
    public void Add(ArcGrid grid, double q)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (q is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(q), q, "Expected a probability, 0 to 1.");
        }

        var (votes, sum) = tallies.GetValueOrDefault(grid);
        tallies[grid] = (votes + 1, checked(sum + (long)Math.Round(q * QScale)));
        Votes++;
    }

    /// <summary>All candidates, the best first.</summary>
    public IReadOnlyList<ArcCandidate> Ranked()
    {
        var entries = tallies.ToArray();
        Array.Sort(entries, (a, b) =>
        {
            var order = b.Value.Votes.CompareTo(a.Value.Votes);
            order = order != 0 ? order : b.Value.Q.CompareTo(a.Value.Q);
            return order != 0 ? order : Compare(a.Key, b.Key);
        });
        return Array.ConvertAll(entries, entry => new ArcCandidate(entry.Key, entry.Value.Votes, entry.Value.Q / QScale / entry.Value.Votes));
    }

    internal void Clear()
    {
        tallies.Clear();
        Votes = 0;
    }

    private static int Compare(ArcGrid a, ArcGrid b)
    {
        var order = a.Height.CompareTo(b.Height);
        order = order != 0 ? order : a.Width.CompareTo(b.Width);
        return order != 0 ? order : a.Cells.SequenceCompareTo(b.Cells);
    }
}
