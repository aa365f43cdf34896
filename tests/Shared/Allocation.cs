namespace Graph.Tests;

/// <summary>What warm work allocates on its thread.</summary>
internal static class Allocation
{
    private const int Turns = 5;

    /// <summary>
    /// The bytes that <paramref name="work"/> allocates on this thread in the leanest of up to five turns, after one that warms it up. What work allocates itself, it allocates in every turn.
    /// What the runtime allocates on its behalf, when it compiles a method again or its table of handles grows (12 KB at a time), comes once; a single turn would meet it now and then.
    /// </summary>
    /// <param name="work">One turn.</param>
    /// <param name="enough">A turn that allocates no more is the last: the caller asks for no less.</param>
    public static long Of(Action work, long enough = 0)
    {
        work();
        var least = long.MaxValue;
        for (var turn = 0; turn < Turns && least > enough; turn++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
