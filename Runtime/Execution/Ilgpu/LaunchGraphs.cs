using System.Runtime.InteropServices;

namespace Graph.Execution.Ilgpu;

/// <summary>Launches that a driver records once and then starts with one call.</summary>
internal interface IGraphDriver
{
    /// <summary>Records what <paramref name="launches"/> queues instead of running it; 0: that cannot be recorded, and did not run.</summary>
    nint Capture(Action launches);

    /// <summary>Queues all launches of a graph.</summary>
    void Launch(nint graph);

    void Destroy(nint graph);
}

/// <summary>A launch as it was asked for.</summary>
internal readonly struct Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
{
    public readonly GpuKernel Kernel = kernel;
    public readonly long Groups = groups;
    public readonly int GroupSize = groupSize;

    // A field, so that its bits can be compared in place.
    public readonly GpuArguments Arguments = arguments;
}

/// <summary>
/// Holds launches back until the host copies or waits. A sequence seen before, equal in every bit of every argument, is captured and from
/// then on replayed; any other is launched as it came. So nothing needs to know which arguments change between steps: the forward and backward
/// pass repeat, an optimiser with its learning rate does not.
/// </summary>
/// <param name="driver">Records and replays.</param>
/// <param name="now">Launches at once.</param>
internal sealed class LaunchGraphs(IGraphDriver driver, Action<Launch> now) : IDisposable
{
    /// <summary>Shorter sequences (optimisers, resets) are not worth a graph.</summary>
    private const int Fewest = 64;

    /// <summary>Sequences remembered: training, evaluation, both at two loss scales, and room for what never comes again.</summary>
    private const int Most = 8;

    private readonly List<Launch> pending = [];

    // The latest used first.
    private readonly List<Sequence> known = [];

    /// <summary>Sequences that were replayed.</summary>
    public long Replays { get; private set; }

    public void Add(in Launch launch) => pending.Add(launch);

    /// <summary>Queues what was held back.</summary>
    public void Flush()
    {
        try
        {
            if (pending.Count >= Fewest && Recall() is { } sequence)
            {
                Replays++;
                driver.Launch(sequence.Graph);
                return;
            }

            foreach (var launch in pending)
            {
                now(launch);
            }
        }
        finally
        {
            // Also after a failure: what failed once is not tried again with the next copy.
            pending.Clear();
        }
    }

    /// <summary>Memory has moved: graphs hold addresses.</summary>
    public void Forget()
    {
        foreach (var sequence in known)
        {
            Destroy(sequence);
        }

        known.Clear();
    }

    public void Dispose() => Forget();

    /// <summary>The graph of what is pending; null: it is new, or cannot be captured.</summary>
    private Sequence? Recall()
    {
        for (var i = 0; i < known.Count; i++)
        {
            var sequence = known[i];
            if (!sequence.Equals(pending))
            {
                continue;
            }

            known.RemoveAt(i);
            known.Insert(0, sequence);
            if (!sequence.Tried)
            {
                // The first time compiled its kernels, which a capture could not.
                sequence.Tried = true;
                sequence.Graph = driver.Capture(() => Array.ForEach(sequence.Launches, now));
            }

            return sequence.Graph == 0 ? null : sequence;
        }

        if (known.Count == Most)
        {
            Destroy(known[^1]);
            known.RemoveAt(Most - 1);
        }

        known.Insert(0, new Sequence([.. pending]));
        return null;
    }

    private void Destroy(Sequence sequence)
    {
        if (sequence.Graph != 0)
        {
            driver.Destroy(sequence.Graph);
        }
    }

    private sealed class Sequence(Launch[] launches)
    {
        public Launch[] Launches => launches;

        public nint Graph { get; set; }

        /// <summary>A capture was tried.</summary>
        public bool Tried { get; set; }

        public bool Equals(List<Launch> others)
        {
            if (others.Count != launches.Length)
            {
                return false;
            }

            var span = CollectionsMarshal.AsSpan(others);
            for (var i = 0; i < span.Length; i++)
            {
                ref readonly var a = ref launches[i];
                ref readonly var b = ref span[i];
                if (!ReferenceEquals(a.Kernel, b.Kernel) || a.Groups != b.Groups || a.GroupSize != b.GroupSize || !Bytes(in a).SequenceEqual(Bytes(in b)))
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>Bits, because a float that is no number is not equal to itself.</summary>
        private static ReadOnlySpan<byte> Bytes(ref readonly Launch launch) => MemoryMarshal.AsBytes(new ReadOnlySpan<GpuArguments>(in launch.Arguments));
    }
}
