using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Graph.Execution;

/// <summary>
/// Threads that wait for launches. Units are handed out one by one; a helper that wakes too late simply finds the launch
/// closed, so a short launch never waits for a sleeping thread.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    /// <summary>How long a helper looks for the next launch before it sleeps: longer than the gap between launches of a step.</summary>
    private static readonly long SpinTicks = Stopwatch.Frequency * 30 / 1_000_000;

    private readonly Lock callers = new();
    private readonly object gate = new();
    private readonly Worker[] workers;
    private readonly Thread[] helpers;

    private void* launch;
    private delegate*<void*, in Worker, long, void> body;
    private long units;
    private long next;
    private int active;
    private int epoch;
    private int asleep;
    private bool open;
    private bool stopped;
    private Exception? failure;

    public WorkerPool(Worker[] workers)
    {
        this.workers = workers;
        helpers = new Thread[workers.Length - 1];
        for (int i = 0; i < helpers.Length; i++)
        {
            int index = i + 1;
            helpers[i] = new Thread(() => Help(index)) { IsBackground = true, Name = $"Graph worker {index}" };
            helpers[i].Start();
        }
    }

    public void Run(void* launch, delegate*<void*, in Worker, long, void> body, long units)
    {
        lock (callers)
        {
            this.launch = launch;
            this.body = body;
            this.units = units;
            next = 0;
            failure = null;
            if (helpers.Length > 0 && units > 1)
            {
                Open();
                Work(0);
                Close();
            }
            else
            {
                Work(0);
            }

            if (failure is { } exception)
            {
                ExceptionDispatchInfo.Throw(exception);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            stopped = true;
            Volatile.Write(ref epoch, epoch + 1);
            Monitor.PulseAll(gate);
        }

        foreach (Thread helper in helpers)
        {
            helper.Join();
        }
    }

    private void Open()
    {
        lock (gate)
        {
            open = true;
            Volatile.Write(ref epoch, epoch + 1);
            if (asleep > 0)
            {
                Monitor.PulseAll(gate);
            }
        }
    }

    private void Close()
    {
        lock (gate)
        {
            open = false;
        }

        var spin = default(SpinWait);
        while (Volatile.Read(ref active) > 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void Work(int index)
    {
        ref readonly Worker worker = ref workers[index];
        for (long unit; (unit = Interlocked.Increment(ref next) - 1) < units;)
        {
            try
            {
                body(launch, worker, unit);
            }
#pragma warning disable CA1031 // Whatever a unit throws belongs to the caller of Run, not to this thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, exception, null);
            }
        }
    }

    private void Help(int index)
    {
        int seen = 0;
        while (true)
        {
            long start = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref epoch) == seen && Stopwatch.GetTimestamp() - start < SpinTicks)
            {
                Thread.SpinWait(8);
            }

            bool join;
            lock (gate)
            {
                while (epoch == seen)
                {
                    asleep++;
                    Monitor.Wait(gate);
                    asleep--;
                }

                if (stopped)
                {
                    return;
                }

                seen = epoch;
                join = open;
                if (join)
                {
                    Interlocked.Increment(ref active);
                }
            }

            if (join)
            {
                Work(index);
                Interlocked.Decrement(ref active);
            }
        }
    }
}
