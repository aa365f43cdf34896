namespace Graph.Bench;

/// <summary>Best times of one kernel.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Threads">Threads that worked: the peak is that of one core times this.</param>
/// <param name="Times">Of its blocks.</param>
internal sealed record KernelTime(string Name, int Threads, BestTimes Times);
