namespace Graph.Training;

/// <summary>
/// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
/// A value depends only on (seed, step, slot, stream) and the position of the draw, never on what else was drawn or on the
/// order of threads, so that a resumed or re-partitioned run draws the same numbers.
/// </summary>
/// <remarks>
/// Key: the 64-bit seed. Counter: word 0 counts blocks of four draws, word 1 is the slot, words 2 and 3 the step
/// (48 bits) with the stream in the top 16 bits of word 3.
/// </remarks>
public struct CounterRandom
{
    private readonly uint _key0;
    private readonly uint _key1;
    private readonly uint _slot;
    private readonly uint _step;
    private readonly uint _stream;
    private uint _block;
    private int _left;
    private (uint A, uint B, uint C, uint D) _words;

    /// <param name="seed">Seed of the run.</param>
    /// <param name="step">Training step, 0 .. 2^48 - 1; initialisers pass 0.</param>
    /// <param name="slot">Batch slot, or chunk of a parameter.</param>
    /// <param name="stream">Purpose, so that unrelated draws at the same step and slot differ.</param>
    public CounterRandom(ulong seed, long step, uint slot, ushort stream)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, 1L << 48);
        _key0 = (uint)seed;
        _key1 = (uint)(seed >> 32);
        _slot = slot;
        _step = (uint)step;
        _stream = (uint)(step >> 32) | ((uint)stream << 16);
    }

    /// <summary>One uniform 32-bit word.</summary>
    public uint NextUInt32()
    {
        if (_left == 0)
        {
            _words = Philox(_block, _slot, _step, _stream, _key0, _key1);
            _block = checked(_block + 1);
            _left = 4;
        }

        return _left-- switch { 4 => _words.A, 3 => _words.B, 2 => _words.C, _ => _words.D };
    }

    /// <summary>Uniform in [0, 1) with 53 random bits.</summary>
    public double NextDouble()
    {
        ulong high = NextUInt32();
        return (((high << 32) | NextUInt32()) >> 11) * (1.0 / (1L << 53));
    }

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>); rounding may reach the upper bound.</summary>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Uniform whole number in [<paramref name="low"/>, <paramref name="high"/>], without bias (Lemire's rejection).</summary>
    public int NextInt(int low, int high)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(low, high);
        ulong range = (ulong)((long)high - low + 1);
        uint threshold = (uint)((1UL << 32) % range);
        ulong product;
        do
        {
            product = NextUInt32() * range;
        }
        while ((uint)product < threshold);
        return (int)(low + (long)(product >> 32));
    }

    /// <summary>Standard normal (Box-Muller, cosine branch; two uniforms a value).</summary>
    public double NextNormal()
    {
        double u = 1 - NextDouble();
        return Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>The Philox4x32-10 bijection; exposed for the published test vectors.</summary>
    internal static (uint A, uint B, uint C, uint D) Philox(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)c0 * 0xD2511F53u;
            ulong p1 = (ulong)c2 * 0xCD9E8D57u;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 = unchecked(k0 + 0x9E3779B9u);
            k1 = unchecked(k1 + 0xBB67AE85u);
        }

        return (c0, c1, c2, c3);
    }
}
