namespace Graph.Samples.Commands;

/// <summary>What a run does beside its settings: where it writes and where it starts.</summary>
/// <param name="Settings">All layers together.</param>
/// <param name="Out">The run's folder.</param>
/// <param name="Resume">Checkpoint to go on from; null: a new run.</param>
/// <param name="ResumeStore">The folder of checkpoints that <paramref name="Resume"/> is the newest of; null: the file alone was named.</param>
/// <param name="Init">File of weights that a new run starts from; null: random ones.</param>
/// <param name="StopAfter">Step after which the run pauses.</param>
/// <param name="DryRun">True: only say what the run would be.</param>
internal sealed record TrainRequest(TrainSettings Settings, string Out, string? Resume, string? ResumeStore, string? Init, long StopAfter, bool DryRun);
