namespace Graph.Tests;

/// <summary>What warm work allocates on its thread.</summary>
internal static class Allocation
{
    private const int Turns = 5;

    /// <summary>
    /// The bytes that <paramref name="work"/> allocates on this thread in the leanest of five turns, after one that warms it up. What work allocates itself, it allocates in every turn.
    /// What the runtime allocates on its behalf, when it compiles a method again or its table of handles grows (12 KB at a time), comes once; a single turn would meet it now and then.
    /// </summary>
    public static long Of(Action work)
    {
        work();
        var least = long.MaxValue;
        for (var turn = 0; turn < Turns; turn++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
