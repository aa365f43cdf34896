namespace Graph.Bench;

/// <summary>Kernels whose blocks are timed turn by turn.</summary>
internal interface IKernelBench : IDisposable
{
    IEnumerable<KernelTime> Times { get; }

    /// <summary>Runs every block of every kernel once.</summary>
    void Turn();
}
