namespace Graph.Models.Puzzles;

/// <summary>numpy's <c>SeedSequence</c> for one non-negative seed: mixes it into a pool of four words and draws the state of a generator from that.</summary>
/// <remarks>The hash is O'Neill's <c>seed_seq_fe</c> (PCG, 2015), with numpy's constants.</remarks>
internal static class NumpySeedSequence
{
    private const int Pool = 4;
    private const uint MultiplierA = 0x931E8875;
    private const uint MultiplierB = 0x58F38DED;

    /// <summary><c>SeedSequence(seed).generate_state(state.Length, uint64)</c>.</summary>
    public static void GenerateState(ulong seed, Span<ulong> state)
    {
        // A seed of one word is an entropy of one word; the words that are not there hash as zeros.
        Span<uint> pool = [(uint)seed, (uint)(seed >> 32), 0, 0];
        var constant = 0x43B0D7E5u;
        foreach (ref var word in pool)
        {
            word = Hash(word, ref constant, MultiplierA);
        }

        for (var from = 0; from < Pool; from++)
        {
            for (var to = 0; to < Pool; to++)
            {
                if (from != to)
                {
                    pool[to] = Mix(pool[to], Hash(pool[from], ref constant, MultiplierA));
                }
            }
        }

        constant = 0x8B51F9DD;
        for (var i = 0; i < state.Length; i++)
        {
            ulong low = Hash(pool[2 * i % Pool], ref constant, MultiplierB);
            state[i] = low | (ulong)Hash(pool[(2 * i + 1) % Pool], ref constant, MultiplierB) << 32;
        }
    }

    private static uint Hash(uint value, ref uint constant, uint multiplier)
    {
        value ^= constant;
        constant *= multiplier;
        value *= constant;
        return value ^ value >> 16;
    }

    private static uint Mix(uint x, uint y)
    {
        var mixed = 0xCA01F9DD * x - 0x4973F715 * y;
        return mixed ^ mixed >> 16;
    }
}
