using System.Runtime.InteropServices;
using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// cos | sin rows of [t, hd], computed once a shape in float64 and kept in native memory for the life of the process:
/// they are constants of a model, a few hundred kilobytes at most.
/// </summary>
internal static unsafe class RopeTable
{
    private const double Theta = 10000;
    private static readonly Lock Gate = new();
    private static volatile Entry? first;

    /// <summary>The table; lock-free and without allocation after the first call for a shape.</summary>
    public static Ref Get(int t, int hd) => (Find(t, hd) ?? Make(t, hd)).Table;

    /// <summary>The same table in a device's memory.</summary>
    public static Ref Get(GpuQueue gpu, int t, int hd)
    {
        Entry entry = Find(t, hd) ?? Make(t, hd);
        return gpu.Table(entry, entry.Copy);
    }

    private static Entry? Find(int t, int hd)
    {
        for (Entry? entry = first; entry is not null; entry = entry.Next)
        {
            if (entry.T == t && entry.Hd == hd)
            {
                return entry;
            }
        }

        return null;
    }

    private static Entry Make(int t, int hd)
    {
        lock (Gate)
        {
            if (Find(t, hd) is { } found)
            {
                return found;
            }

            Ref table = new((float*)NativeMemory.AlignedAlloc((nuint)((long)t * hd * sizeof(float)), 64));
            int half = hd / 2;
            for (int position = 0; position < t; position++)
            {
                for (int i = 0; i < half; i++)
                {
                    double angle = position * Math.Pow(Theta, -2.0 * i / hd);
                    table[(long)position * hd + i] = (float)Math.Cos(angle);
                    table[(long)position * hd + half + i] = (float)Math.Sin(angle);
                }
            }

            return first = new Entry(t, hd, table, first);
        }
    }

    private sealed class Entry(int t, int hd, Ref table, Entry? next)
    {
        public int T => t;

        public int Hd => hd;

        public Ref Table => table;

        public Entry? Next => next;

        /// <summary>A delegate made once: a warm launch must not allocate.</summary>
        public Func<float[]> Copy { get; } = () => table.Span((long)t * hd).ToArray();
    }
}
