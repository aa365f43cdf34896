namespace Graph.Execution;

/// <summary>
/// Floats of the training state (moments, averages) that live with the host until kernels ask for them. Either side gets what the other
/// wrote last, and nothing is copied while one side works alone.
/// </summary>
/// <param name="values">The host's; used as they are.</param>
public sealed class MirroredFloats(float[] values)
{
    private GpuQueue? queue;
    private Ref place;
    private bool hostIsOld;
    private bool deviceIsOld;

    public int Length => values.Length;

    /// <summary>For the host to read and write.</summary>
    public Span<float> Host
    {
        get
        {
            if (queue is not null)
            {
                if (hostIsOld)
                {
                    queue.Download(GpuQueue.At(place), values);
                    hostIsOld = false;
                }

                deviceIsOld = true;
            }

            return values;
        }
    }

    /// <summary>For kernels of that queue to read and write.</summary>
    public Ref On(GpuQueue user)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (queue is null)
        {
            (queue, place) = (user, user.Table(this, () => values));
        }
        else if (deviceIsOld)
        {
            queue.Upload(values, GpuQueue.At(place));
        }

        (hostIsOld, deviceIsOld) = (true, false);
        return place;
    }
}
