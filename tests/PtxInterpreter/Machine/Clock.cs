namespace Graph.Ptx.Machine;

/// <summary>
/// Time that only advances where threads are ordered: at the start of a launch and of a group, and at barriers. What happened before the last
/// such moment that two threads share is ordered between them; everything else may be a race.
/// </summary>
internal sealed class Clock
{
    public int Now { get; private set; }

    public int Tick() => ++Now;
}
