using System.Numerics;

namespace Graph.Models.Puzzles;

/// <summary>numpy's <c>Generator(Philox(seed))</c>: the same draws in the same order, so that batches can be compared with TRM's.</summary>
/// <remarks>
/// Philox 4x64 with 10 rounds (Salmon et al. 2011), taken as 32-bit halves, the low half first. Bounded integers use Lemire's method (2019),
/// permutations masked draws, refused while too large; a range of one value draws nothing.
/// </remarks>
public sealed class NumpyPhilox
{
    private const int Rounds = 10;

    private readonly ulong key0;
    private readonly ulong key1;
    private readonly ulong[] block = new ulong[4];
    private ulong counter;
    private int used = 4;
    private uint half;
    private bool hasHalf;

    public NumpyPhilox(ulong seed)
    {
        Span<ulong> key = stackalloc ulong[2];
        NumpySeedSequence.GenerateState(seed, key);
        (key0, key1) = (key[0], key[1]);
    }

    /// <summary>The two key words that the seed gives.</summary>
    public (ulong First, ulong Second) Key => (key0, key1);

    /// <summary><c>integers(low, high)</c>: uniform in low .. high - 1.</summary>
    public int Integers(int low, int high)
    {
        if (low >= high)
        {
            throw new ArgumentOutOfRangeException(nameof(high), high, $"Expected more than {low}.");
        }

        return (int)(low + Below((uint)(high - (long)low - 1)));
    }

    /// <summary><c>permutation(items.Length)</c>: 0 .. items.Length - 1 in random order.</summary>
    public void Permutation(Span<int> items)
    {
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = i;
        }

        for (var i = items.Length - 1; i > 0; i--)
        {
            var mask = uint.MaxValue >> BitOperations.LeadingZeroCount((uint)i);
            uint j;
            do
            {
                j = NextUInt32() & mask;
            }
            while (j > i);
            (items[i], items[(int)j]) = (items[(int)j], items[i]);
        }
    }

    /// <summary>Uniform in 0 .. <paramref name="max"/>, both included; max below 2^32 - 1.</summary>
    private uint Below(uint max)
    {
        if (max == 0)
        {
            return 0;
        }

        var range = max + 1;
        var product = (ulong)NextUInt32() * range;
        if ((uint)product < range)
        {
            var threshold = (uint.MaxValue - max) % range;
            while ((uint)product < threshold)
            {
                product = (ulong)NextUInt32() * range;
            }
        }

        return (uint)(product >> 32);
    }

    private uint NextUInt32()
    {
        if (hasHalf)
        {
            hasHalf = false;
            return half;
        }

        if (used == block.Length)
        {
            NextBlock();
        }

        var word = block[used++];
        (half, hasHalf) = ((uint)(word >> 32), true);
        return (uint)word;
    }

    private void NextBlock()
    {
        // numpy counts up before the first block; no run draws the 2^64 blocks after which the next counter word would move.
        counter++;
        var (c0, c1, c2, c3) = (counter, 0UL, 0UL, 0UL);
        var (k0, k1) = (key0, key1);
        for (var round = 0; round < Rounds; round++)
        {
            var high0 = Math.BigMul(0xD2E7470EE14C6C93, c0, out var low0);
            var high1 = Math.BigMul(0xCA5A826395121157, c2, out var low1);
            (c0, c1, c2, c3) = (high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0);
            k0 += 0x9E3779B97F4A7C15;
            k1 += 0xBB67AE8584CAA73B;
        }

        (block[0], block[1], block[2], block[3]) = (c0, c1, c2, c3);
        used = 0;
    }
}
