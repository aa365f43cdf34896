namespace Graph.Models.Puzzles;

/// <summary>How the vote on one test input ended.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Input">Index of the test input in its task.</param>
/// <param name="Rank">The right grid's place among the candidates, from 1; 0: nobody voted for it.</param>
/// <param name="RightVotes">Votes for the right grid.</param>
/// <param name="Votes">All votes.</param>
/// <param name="Candidates">Distinct grids with votes.</param>
/// <param name="Entropy">Of the vote shares, in nats.</param>
public sealed record ArcInputScore(string Task, int Input, int Rank, long RightVotes, long Votes, int Candidates, double Entropy)
{
    /// <summary>Share of the votes that are right, 0 to 1: how hard the input is for this model.</summary>
    public double RightShare => Votes == 0 ? 0 : (double)RightVotes / Votes;
}
