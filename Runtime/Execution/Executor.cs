namespace Graph.Execution;

/// <summary>Runs an emitted program's launches: unit by unit on the CPU's cores, or once, queueing kernels, on a device.</summary>
public abstract class Executor : IDisposable
{
    /// <summary>Where launches note their time; null, the default: nowhere.</summary>
    public LaunchProfile? Profile { get; set; }

    /// <summary>Runs the launch. On the CPU it is complete on return; on a device it is queued.</summary>
    public abstract void Run<T>(in T launch, long units)
        where T : struct, ILaunch;

    public abstract void Dispose();
}
