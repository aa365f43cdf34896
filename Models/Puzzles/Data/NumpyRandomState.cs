namespace Graph.Models.Puzzles;

/// <summary>numpy's legacy global generator (<c>numpy.random.seed</c>): the same draws in the same order, so that data sets can be rebuilt bit for bit.</summary>
/// <remarks>
/// MT19937 (Matsumoto and Nishimura 1998) with their 2002 initialisation by one number. Bounded integers are masked 32-bit draws, refused
/// while too large; a range of one value draws nothing.
/// </remarks>
public sealed class NumpyRandomState
{
    private const int Words = 624;
    private const int Shift = 397;

    private readonly uint[] state = new uint[Words];
    private int next = Words;

    public NumpyRandomState(uint seed)
    {
        state[0] = seed;
        for (var i = 1; i < Words; i++)
        {
            state[i] = 1_812_433_253u * (state[i - 1] ^ state[i - 1] >> 30) + (uint)i;
        }
    }

    /// <summary><c>randint(low, high)</c>: uniform in low .. high - 1.</summary>
    public int RandInt(int low, int high)
    {
        if (low >= high)
        {
            throw new ArgumentOutOfRangeException(nameof(high), high, $"Expected more than {low}.");
        }

        return (int)(low + Below((uint)(high - (long)low - 1)));
    }

    /// <summary><c>rand()</c>: uniform in [0, 1) with 53 bits.</summary>
    public double Rand()
    {
        var (high, low) = (NextUInt32() >> 5, NextUInt32() >> 6);
        return (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0;
    }

    /// <summary><c>shuffle(items)</c>.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = (int)Below((uint)i);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary><c>permutation(count)</c>: 0 .. count - 1 in random order.</summary>
    public int[] Permutation(int count)
    {
        var items = new int[count];
        Permutation(items, 0);
        return items;
    }

    /// <summary><c>permutation(arange(first, first + items.Length))</c> without an allocation.</summary>
    public void Permutation(Span<int> items, int first)
    {
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = first + i;
        }

        Shuffle(items);
    }

    /// <summary><c>choice(count, size, replace=False)</c>: the first <paramref name="size"/> of a permutation of all.</summary>
    public int[] Choice(int count, int size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, count);
        return Permutation(count)[..size];
    }

    /// <summary>Uniform in 0 .. <paramref name="max"/>, both included.</summary>
    private uint Below(uint max)
    {
        if (max == 0)
        {
            return 0;
        }

        var mask = uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(max);
        uint value;
        do
        {
            value = NextUInt32() & mask;
        }
        while (value > max);
        return value;
    }

    private uint NextUInt32()
    {
        if (next == Words)
        {
            Twist();
        }

        var y = state[next++];
        y ^= y >> 11;
        y ^= y << 7 & 0x9D2C5680;
        y ^= y << 15 & 0xEFC60000;
        return y ^ y >> 18;
    }

    private void Twist()
    {
        for (var i = 0; i < Words; i++)
        {
            var y = state[i] & 0x80000000 | state[(i + 1) % Words] & 0x7FFFFFFF;
            state[i] = state[(i + Shift) % Words] ^ y >> 1 ^ ((y & 1) == 0 ? 0 : 0x9908B0DF);
        }

        next = 0;
    }
}
