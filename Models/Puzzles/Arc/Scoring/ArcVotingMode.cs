namespace Graph.Models.Puzzles;

/// <summary>Whose predictions vote. The two give different scores of the same model, so every score says which one it is.</summary>
public enum ArcVotingMode
{
    /// <summary>Only the latest checkpoint's.</summary>
    SingleCheckpoint,

    /// <summary>Those of all checkpoints together, as in TRM's training log, whose evaluator never forgets (trm.md 8.1).</summary>
    CheckpointEnsemble,
}
