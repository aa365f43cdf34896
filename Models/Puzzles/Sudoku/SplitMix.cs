namespace Graph.Models.Puzzles;

/// <summary>SplitMix64 over a (seed, stream) pair: puzzle number <c>stream</c> is the same whoever asks for it, and when.</summary>
public struct SplitMix
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong state;

    public SplitMix(ulong seed, ulong stream)
    {
        state = Mix(seed + Golden) ^ Mix(Mix(stream + (Golden << 1)));
    }

    public ulong Next() => Mix(state += Golden);

    /// <summary>Uniform in 0 .. <paramref name="end"/> - 1 (bias below 2^-32 for small ends).</summary>
    public int Below(int end) => (int)(((Next() >> 32) * (ulong)end) >> 32);

    public void Shuffle(Span<byte> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
