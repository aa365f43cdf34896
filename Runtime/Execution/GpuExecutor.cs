namespace Graph.Execution;

/// <summary>Runs a launch once, on the calling thread, with a worker that queues kernels for all of its units.</summary>
internal sealed class GpuExecutor(GpuQueue queue, Ref scratch, long scratchFloats) : Executor
{
    public GpuQueue Queue => queue;

    public override void Run<T>(in T launch, long units)
    {
        if (units == 0)
        {
            return;
        }

        var start = Profile is null ? 0 : System.Diagnostics.Stopwatch.GetTimestamp();
        launch.Run(new Worker(0, scratch, scratchFloats, 1, queue, units), 0);
        if (Profile is not null)
        {
            // Kernels run later; only a wait says whose time it was.
            queue.Synchronize();
            Profile.Add<T>(start);
        }
    }

    public override void Dispose()
    {
    }
}
