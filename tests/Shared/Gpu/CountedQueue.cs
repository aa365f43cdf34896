using Graph.Execution;

namespace Graph.Tests.Gpu;

/// <summary>Passes everything on and counts what crosses between host and device.</summary>
internal sealed class CountedQueue(GpuQueue inner) : ForwardingQueue(inner)
{
    public int Launches { get; private set; }

    public int Uploads { get; private set; }

    public int Downloads { get; private set; }

    /// <summary>Waits that were asked for; a download is one besides.</summary>
    public int Synchronisations { get; private set; }

    public void Clear() => (Launches, Uploads, Downloads, Synchronisations) = (0, 0, 0, 0);

    public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
    {
        Launches += groups > 0 ? 1 : 0;
        base.Launch(kernel, groups, groupSize, arguments);
    }

    public override void Upload(ReadOnlySpan<float> values, long offset)
    {
        Uploads++;
        base.Upload(values, offset);
    }

    public override void Upload(ReadOnlySpan<int> values, long offset)
    {
        Uploads++;
        base.Upload(values, offset);
    }

    public override void Download(long offset, Span<float> values)
    {
        Downloads++;
        base.Download(offset, values);
    }

    public override void Synchronize()
    {
        Synchronisations++;
        base.Synchronize();
    }

    public override void Dispose()
    {
        base.Dispose();
        Inner.Dispose();
    }
}
