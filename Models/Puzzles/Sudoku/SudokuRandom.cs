using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>What Sudoku draws from <see cref="CounterRandom"/>: puzzle or sample number <c>index</c> is the same whoever asks for it, and when.</summary>
public static class SudokuRandom
{
    private const ushort Stream = 64;

    /// <param name="seed">Seed of the run.</param>
    /// <param name="index">Number of the puzzle or sample.</param>
    /// <param name="purpose">Draws for different purposes differ.</param>
    public static CounterRandom Of(ulong seed, long index, ushort purpose) => new(seed, index, 0, (ushort)(Stream + purpose));

    /// <summary>Uniform in 0 .. <paramref name="end"/> - 1.</summary>
    public static int Below(this ref CounterRandom random, int end) => random.NextInt(0, end - 1);

    public static void Shuffle(this ref CounterRandom random, Span<byte> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = random.Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
