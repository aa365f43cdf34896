namespace Graph.Execution;

/// <summary>
/// A range of device floats, in practice the weights, that also lies there as bfloat16: tensor cores read it so, at half the traffic and
/// without passing registers. The copy is made when it is first read after a change, all of it at once: a step changes all weights.
/// </summary>
/// <param name="start">First float, a multiple of 4.</param>
/// <param name="count">Floats, a multiple of 8.</param>
/// <param name="copy">Place of the copy: count / 2 floats, a multiple of 4.</param>
public sealed class Bfloat16Copy(long start, long count, long copy)
{
    private bool isOld = true;

    /// <summary>Floats that the copy of <paramref name="count"/> floats takes.</summary>
    public static long Length(long count) => count / 2;

    /// <summary>The range has other values now.</summary>
    public void Changed() => isOld = true;

    /// <summary>The place, in bfloat16 elements from the start of device memory, of a float's copy; -1 if it has none.</summary>
    public long Find(long offset) => offset >= start && offset < start + count ? (2 * copy) + offset - start : -1;

    /// <summary>Queues the rounding where the copy is older than its floats.</summary>
    public void Refresh(GpuQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (isOld)
        {
            queue.Launch(GpuBfloat16.Round, GpuGroup.Over(count / GpuBfloat16.Each), GpuGroup.Full, new GpuArguments { R0 = start, R1 = copy, R2 = count });
            isOld = false;
        }
    }
}
