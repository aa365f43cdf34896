using Graph.Execution;

namespace Graph.Tests.Gpu;

/// <summary>Passes everything on: a base for queues that note or change something on the way.</summary>
/// <param name="inner">Runs it; null: launches are lost, and nothing else is asked for.</param>
internal abstract class ForwardingQueue(GpuQueue? inner) : GpuQueue
{
    public GpuQueue Inner => inner!;

    public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments) => inner?.Launch(kernel, groups, groupSize, arguments);

    public override void Upload(ReadOnlySpan<float> values, long offset) => Inner.Upload(values, offset);

    public override void Upload(ReadOnlySpan<int> values, long offset) => Inner.Upload(values, offset);

    public override void Download(long offset, Span<float> values) => Inner.Download(offset, values);

    public override void Synchronize() => Inner.Synchronize();

    public override Ref Table(object key, Func<float[]> make) => Inner.Table(key, make);

    public override Ref Scratch(long count) => Inner.Scratch(count);
}
