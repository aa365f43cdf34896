using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>Draws some of a puzzle's examples without replacement, in random order.</summary>
internal sealed class ExampleDraw(ulong seed, uint? numpyGlobalSeed)
{
    private const ushort Stream = 128;

    private NumpyRandomState? numpy;
    private int[] order = [];

    /// <summary>True: draws depend on all draws before them, back to the first iteration.</summary>
    public bool IsSequential => numpyGlobalSeed is not null;

    /// <summary>Forgets all draws.</summary>
    public void Restart() => numpy = numpyGlobalSeed is { } start ? new NumpyRandomState(start) : null;

    /// <param name="at">Number of the group in its iteration's order.</param>
    /// <param name="count">Examples of the puzzle.</param>
    /// <param name="drawn">Gets numbers 0 to <paramref name="count"/> - 1; at most that many.</param>
    public void Draw(GroupPosition at, int count, Span<int> drawn)
    {
        if (order.Length < count)
        {
            order = new int[Math.Max(count, 2 * order.Length)];
        }

        var items = order.AsSpan(0, count);
        if (numpy is not null)
        {
            numpy.Permutation(items, 0);
        }
        else
        {
            var random = new CounterRandom(seed, at.Iteration, (uint)at.Next, Stream);
            for (var i = 0; i < count; i++)
            {
                items[i] = i;
            }

            for (var i = 0; i < drawn.Length; i++)
            {
                var j = random.NextInt(i, count - 1);
                (items[i], items[j]) = (items[j], items[i]);
            }
        }

        items[..drawn.Length].CopyTo(drawn);
    }
}
