using System.Collections.Concurrent;
using Graph.Execution;

namespace Graph.Tests.Gpu;

/// <summary>Passes everything on and notes which kernels a process launches; they are in the file when it ends.</summary>
internal sealed class NotingQueue : ForwardingQueue
{
    private static readonly ConcurrentDictionary<string, bool> Launched = new(StringComparer.Ordinal);

    static NotingQueue() => AppDomain.CurrentDomain.ProcessExit += (_, _) => File.WriteAllLines(Environment.GetEnvironmentVariable(GpuTest.UnderOclgrind)!, Launched.Keys);

    public NotingQueue(GpuQueue inner)
        : base(inner)
    {
    }

    public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
    {
        if (groups > 0)
        {
            Launched.TryAdd(KernelCatalog.Definition(kernel.Method), true);
        }

        base.Launch(kernel, groups, groupSize, arguments);
    }

    public override void Dispose()
    {
        base.Dispose();
        Inner.Dispose();
    }
}
