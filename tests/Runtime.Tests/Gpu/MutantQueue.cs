using Graph.Execution;
using Graph.Ptx;

namespace Graph.Tests.Gpu;

/// <summary>Runs another text where one kernel is asked for.</summary>
internal sealed class MutantQueue(PtxQueue inner, GpuKernel original, PtxKernel mutant) : GpuQueue
{
    public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
    {
        if (kernel.Method == original.Method)
        {
            inner.Launch(mutant, groups, groupSize, arguments);
            return;
        }

        inner.Launch(kernel, groups, groupSize, arguments);
    }

    public override void Upload(ReadOnlySpan<float> values, long offset) => inner.Upload(values, offset);

    public override void Upload(ReadOnlySpan<int> values, long offset) => inner.Upload(values, offset);

    public override void Download(long offset, Span<float> values) => inner.Download(offset, values);

    public override void Synchronize() => inner.Synchronize();

    public override Ref Table(object key, Func<float[]> make) => inner.Table(key, make);

    public override Ref Scratch(long count) => inner.Scratch(count);
}
