using Graph.Execution;

namespace Graph.Bench;

/// <summary>Counts the launches and the work of a program's kernels and runs none: what a step asks of any device.</summary>
internal sealed class CountingQueue : GpuQueue
{
    public CountingQueue() => Profile = new KernelProfile();

    public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
    {
        if (groups > 0)
        {
            Profile!.Launched(kernel, 0);
        }
    }

    public override void Upload(ReadOnlySpan<float> values, long offset)
    {
    }

    public override void Upload(ReadOnlySpan<int> values, long offset)
    {
    }

    public override void Download(long offset, Span<float> values) => values.Clear();

    public override void Synchronize()
    {
    }

    public override Ref Table(object key, Func<float[]> make) => Place(0);

    public override Ref Scratch(long count) => Place(0);
}
