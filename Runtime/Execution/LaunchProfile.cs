using System.Diagnostics;

namespace Graph.Execution;

/// <summary>Time and count of launches by kind, for <c>samples/Bench</c>. Attach one to <see cref="CpuExecutor.Profile"/>; without it a launch costs one comparison more.</summary>
public sealed class LaunchProfile
{
    private static int kinds;

    private long[] ticks = new long[64];
    private long[] counts = new long[64];
    private string[] names = new string[64];

    /// <summary>Launches seen, by the name of their struct within its declaring type; seconds are wall time of the calling thread.</summary>
    public IEnumerable<(string Name, double Seconds, long Count)> Entries =>
        Enumerable.Range(0, names.Length).Where(i => counts[i] > 0).Select(i => (names[i], (double)ticks[i] / Stopwatch.Frequency, counts[i]));

    public void Clear()
    {
        Array.Clear(ticks);
        Array.Clear(counts);
    }

    internal void Add<T>(long start)
        where T : struct, ILaunch
    {
        int kind = Kind<T>.Index;
        if (kind >= names.Length)
        {
            int length = Math.Max(kind + 1, 2 * names.Length);
            Array.Resize(ref ticks, length);
            Array.Resize(ref counts, length);
            Array.Resize(ref names, length);
        }

        ticks[kind] += Stopwatch.GetTimestamp() - start;
        counts[kind]++;
        names[kind] ??= Kind<T>.Name;
    }

    private static class Kind<T>
    {
        public static readonly int Index = Interlocked.Increment(ref kinds) - 1;

        public static readonly string Name = typeof(T).DeclaringType is { } outer ? $"{Plain(outer.Name)}.{Plain(typeof(T).Name)}" : Plain(typeof(T).Name);

        private static string Plain(string name) => name.Split('`')[0];
    }
}
